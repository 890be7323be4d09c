package serve

import "kindred/model/search"

// Names returns the names of the models, in the order of their files.
func (s *Server) Names() []string {
	names := make([]string, len(s.sources))
	for i, src := range s.sources {
		names[i] = src.name
	}
	return names
}

// Index returns the index of a model as it is served now: another one after its file was loaded again. It is nil if no
// model has this name.
func (s *Server) Index(name string) *search.Index {
	for _, src := range s.sources {
		if src.name == name {
			return src.current.Load().index
		}
	}
	return nil
}
