package bench

func (b *Bench) compare(*Report) error { return nil }
