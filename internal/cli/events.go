package cli

import (
	"encoding/json"
	"io"
	"sync"
	"time"

	"kindred/model"
	"kindred/train"
)

// eventsInterval is the time between two progress events.
const eventsInterval = time.Second

// events reports to another program. It writes one JSON object per line; the field "event" tells
// their kind:
//
//	{"event":"read", "bytes":…, "total_bytes":…}     while the text is read; no total if it is unknown
//	{"event":"plan", …}                              see plan
//	{"event":"progress", …}                          see progressEvent; once a second, when an epoch begins, and at the end
//	{"event":"checkpoint", …}                        see checkpointEvent
//	{"event":"summary", …}                           see outcome; training.completed is false after an interruption
type events struct {
	mu      sync.Mutex
	encoder *json.Encoder
	last    time.Time // of the last read event
}

func newEvents(w io.Writer) *events {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return &events{encoder: e, last: time.Now()}
}

type readEvent struct {
	Event string `json:"event"`
	Bytes int64  `json:"bytes"`
	Total int64  `json:"total_bytes,omitempty"`
}

type planEvent struct {
	Event string `json:"event"`
	plan
}

type progressEvent struct {
	Event           string  `json:"event"`
	Epoch           int     `json:"epoch"`
	Epochs          int     `json:"epochs"`
	Tokens          int64   `json:"tokens"`
	TotalTokens     int64   `json:"total_tokens"`
	TokensPerSecond float64 `json:"tokens_per_second"`
	Elapsed         float64 `json:"elapsed_seconds"`
	Remaining       float64 `json:"remaining_seconds"`
	Rate            float64 `json:"lr"`
	// Losses are means per pair since the last event, the start of the epoch, and the start of the
	// training.
	Loss      float64 `json:"loss"`
	EpochLoss float64 `json:"epoch_loss"`
	TotalLoss float64 `json:"total_loss"`
	// EpochLosses are the means of the epochs that have begun.
	EpochLosses []float64 `json:"epoch_losses"`
	// Negatives describes the negatives since the last event.
	Negatives *model.NegativesRecord `json:"negatives,omitempty"`
}

type checkpointEvent struct {
	Event  string `json:"event"`
	Path   string `json:"path"`
	Tokens int64  `json:"tokens"`
	Bytes  int64  `json:"bytes"`
	// Pause is the time for which training stood still, Took the time until the file was on disk.
	Pause float64 `json:"pause_seconds"`
	Took  float64 `json:"seconds"`
	Error string  `json:"error,omitempty"` // why the checkpoint could not be written
}

type summaryEvent struct {
	Event string `json:"event"`
	outcome
}

// emit writes an event. It ignores errors, as the training is worth more than its events: the console
// remembers the first one, and the program ends with it.
func (e *events) emit(event any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_ = e.encoder.Encode(event)
}

func (e *events) reading(bytes, total int64) {
	e.mu.Lock()
	early := time.Since(e.last) < eventsInterval
	if !early {
		e.last = time.Now()
	}
	e.mu.Unlock()
	if !early {
		e.emit(readEvent{"read", bytes, total})
	}
}

func (e *events) read(p plan)             { e.emit(planEvent{"plan", p}) }
func (e *events) trained(o outcome)       { e.emit(summaryEvent{"summary", o}) }
func (e *events) clear()                  {}
func (e *events) interval() time.Duration { return eventsInterval }

func (e *events) checkpoint(r train.CheckpointReport) {
	event := checkpointEvent{"checkpoint", r.Path, r.Tokens, r.Bytes, r.Pause.Seconds(), r.Took.Seconds(), ""}
	if r.Err != nil {
		event.Error = r.Err.Error()
	}
	e.emit(event)
}

func (e *events) training(p train.Progress) {
	e.emit(progressEvent{
		Event: "progress", Epoch: p.Epoch, Epochs: p.Epochs, Tokens: p.Tokens, TotalTokens: p.TotalTokens,
		TokensPerSecond: p.TokensPerSecond, Elapsed: p.Elapsed.Seconds(), Remaining: p.Remaining.Seconds(),
		Rate: p.Rate, Loss: p.Loss, EpochLoss: p.EpochLoss, TotalLoss: p.TotalLoss, EpochLosses: p.EpochLosses, Negatives: p.Negatives,
	})
}
