//go:build unix && (noasm || !amd64)

package kernel

func guardScratch(g *guards, s *scratch) {
	s.gradients, s.deltas = guarded(g, s.gradients), guarded(g, s.deltas)
}
