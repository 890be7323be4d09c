package phrases

import (
	"encoding/binary"
	"fmt"
	"strings"

	"kindred/corpus/analysis"
)

// A level is the phrases of one pass, ready to be found.
type level struct {
	ids   map[string]int32 // of the words of phrases
	words []levelWord      // by id
	vias  map[string]uint32
	pairs map[pair]joinedPair
	// longest is the highest number of connectors between two words.
	longest int
}

type levelWord struct {
	text []byte
	// begins is set for a word that begins a phrase, and connector for one that stands in the middle.
	begins, connector bool
}

type joinedPair struct {
	token []byte
	parts int64 // number of tokens that the phrase takes
}

// none stands for no word.
const none = -1

// newLevel returns the level of the phrases of a pass.
func newLevel(phrases []Phrase) (*level, error) {
	l := &level{ids: map[string]int32{}, vias: map[string]uint32{}, pairs: make(map[pair]joinedPair, len(phrases))}
	var key []byte
	ends := map[int32]*Phrase{} // the words at the ends, with an example
	for i := range phrases {
		p := &phrases[i]
		last := len(p.Words) - 1
		first, second := l.add(p.Words[0]), l.add(p.Words[last])
		l.words[first].begins = true
		ends[first], ends[second] = p, p
		key = key[:0]
		for _, w := range p.Words[1:last] {
			id := l.add(w)
			l.words[id].connector = true
			key = binary.LittleEndian.AppendUint32(key, uint32(id))
		}
		l.longest = max(l.longest, last-1)
		via, ok := l.vias[string(key)]
		if !ok {
			via = uint32(len(l.vias)) + 1
			l.vias[string(key)] = via
		}
		words := pair{uint64(first)<<32 | uint64(second), via}
		if _, again := l.pairs[words]; again {
			return nil, fmt.Errorf("phrase %.60q is listed twice for pass %d", strings.Join(p.Words, " "), p.Pass)
		}
		l.pairs[words] = joinedPair{[]byte(p.Joined), int64(len(p.Words))}
	}
	for i := range phrases {
		p := &phrases[i]
		for _, w := range p.Words[1 : len(p.Words)-1] {
			if other := ends[l.ids[w]]; other != nil {
				return nil, fmt.Errorf("%q stands in the middle of the phrase %.60q and at an end of %.60q, but a pass joins two words and connectors, which are at no end; join two of the words in an earlier pass",
					w, strings.Join(p.Words, " "), strings.Join(other.Words, " "))
			}
		}
	}
	return l, nil
}

// add returns the id of a word.
func (l *level) add(word string) int32 {
	id, ok := l.ids[word]
	if !ok {
		id = int32(len(l.words))
		l.ids[word] = id
		l.words = append(l.words, levelWord{text: []byte(word)})
	}
	return id
}

// A levelSink joins the phrases of one pass. It holds back a word that may begin a phrase, and the
// connectors after it.
type levelSink struct {
	*level
	next           analysis.Sink
	start          int32 // the word held back; none if there is none
	between        []int32
	key            []byte
	phrases, parts int64
}

// Token implements analysis.Sink.
func (s *levelSink) Token(t []byte) {
	id, known := s.ids[string(t)]
	if s.start != none && known {
		if s.words[id].connector && len(s.between) < s.longest {
			s.between = append(s.between, id)
			return
		}
		if found, ok := s.find(id); ok {
			s.phrases++
			s.parts += found.parts
			s.start, s.between = none, s.between[:0]
			s.next.Token(found.token)
			return
		}
	}
	s.release()
	if known && s.words[id].begins {
		s.start = id
	} else {
		s.next.Token(t)
	}
}

// find returns the phrase of what is held back and a word after it.
func (s *levelSink) find(last int32) (joinedPair, bool) {
	s.key = s.key[:0]
	for _, id := range s.between {
		s.key = binary.LittleEndian.AppendUint32(s.key, uint32(id))
	}
	via, ok := s.vias[string(s.key)]
	if !ok {
		return joinedPair{}, false
	}
	found, ok := s.pairs[pair{uint64(s.start)<<32 | uint64(last), via}]
	return found, ok
}

// release passes on what is held back.
func (s *levelSink) release() {
	if s.start == none {
		return
	}
	s.next.Token(s.words[s.start].text)
	for _, id := range s.between {
		s.next.Token(s.words[id].text)
	}
	s.start, s.between = none, s.between[:0]
}

// EndLine implements analysis.Sink.
func (s *levelSink) EndLine() {
	s.release()
	s.next.EndLine()
}

// A joiner is the passes of a list, each the sink of the one before.
type joiner struct {
	first  analysis.Sink
	passes []*levelSink
}

func (j *joiner) Token(t []byte) { j.first.Token(t) }
func (j *joiner) EndLine()       { j.first.EndLine() }

// Flush implements analysis.JoiningSink.
func (j *joiner) Flush() {
	for _, p := range j.passes {
		p.release()
	}
}

// Joined implements analysis.JoiningSink. A phrase of phrases counts for each pass, so that the
// difference of the two numbers is what the text became shorter by.
func (j *joiner) Joined() (phrases, parts int64) {
	for _, p := range j.passes {
		phrases += p.phrases
		parts += p.parts
	}
	return phrases, parts
}
