package stats

// A Test is the outcome of a significance test.
type Test struct {
	// Name is the name of the test.
	Name string `json:"test"`
	// Statistic is the test statistic; its sign, where it has one, is that of the
	// first model's lead.
	Statistic float64 `json:"statistic"`
	// DF is the number of degrees of freedom, 0 where the distribution has none.
	DF float64 `json:"df,omitempty"`
	// P is the two-sided p-value.
	P float64 `json:"p"`
}
