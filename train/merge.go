package train

import "kindred/internal/kernel"

// A reducer brings what the blocks of a round did back into the parameters. It is all that the end of a round
// knows of where the blocks were trained: they are in memory here, and a reducer that first fetches what other
// machines have trained, the replicas of a part in the order of the blocks, and those of its rows that a single block has, leads to
// the same bytes. Each worker reduces a part of the words at a time, which no other worker does.
type reducer interface {
	reduce(p *part)
}

// A merger is the reducer of a single process: a row that several blocks touched moves by all that it moved in each of
// them, added in the order of the blocks, which makes the result independent of who trained them.
type merger func(*kernel.Merge)

func (do merger) reduce(p *part) {
	do(&p.in.merge)
	do(&p.out.merge)
}
