//go:build unix && !noasm

package kernel

func guardScratch(g *guards, s *scratch) {
	s.gradients, s.deltas = guarded(g, s.gradients), guarded(g, s.deltas)
	s.addresses = guarded(g, s.addresses)
}
