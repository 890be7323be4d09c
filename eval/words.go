package eval

import (
	"kindred/eval/sets"
	"kindred/model/search"
)

// Matched counts the items of a set whose words were found in another form than that of the set.
type Matched struct {
	// Normalized is the number of covered items with a word that the vocabulary has in another normal
	// form of Unicode: é as one code point, or as e and an accent.
	Normalized int `json:"normalized,omitempty"`
	// Untagged is the number of covered items whose words were found without the parts of speech at their
	// ends: dog for dog-n. That is done if all words of a set have one, and more of them are in the
	// vocabulary without it.
	Untagged int `json:"untagged,omitempty"`
}

// WordsFound says how the words of a set were found.
type WordsFound struct {
	// MissingWords are the words without a vector, in the order of the file.
	MissingWords []string `json:"missing_words"`
	// Unseen is the number of covered items with a word that the model has not stored but composes, and
	// UnseenWords are these words.
	Unseen      int      `json:"unseen,omitempty"`
	UnseenWords []string `json:"unseen_words,omitempty"`
	Matched
}

// A form says how a word was found, or the words of an item.
type form struct {
	// unseen tells whether the model composed the vector of a word that it has not stored.
	unseen, normalized, untagged bool
}

// and returns the form of an item with words of both forms.
func (f form) and(g form) form {
	return form{f.unseen || g.unseen, f.normalized || g.normalized, f.untagged || g.untagged}
}

// setWords finds the words of a set.
type setWords struct {
	*evalContext
	// untag tells whether words are looked up without the parts of speech at their ends.
	untag bool
	// missing lists the words that have no vector, and unseen those that have one without being stored.
	missing, unseen wordList
	// unseenItems and matched count the items that were found with such words.
	unseenItems int
	matched     Matched
	queries     map[int]search.Query // those asked for, by id
}

// count counts an item whose words were found in a form.
func (w *setWords) count(covered bool, f form) {
	if !covered {
		return
	}
	if f.unseen {
		w.unseenItems++
	}
	if f.normalized {
		w.matched.Normalized++
	}
	if f.untagged {
		w.matched.Untagged++
	}
}

// found returns how the words were found so far.
func (w *setWords) found() WordsFound {
	return WordsFound{w.missing.list(), w.unseenItems, w.unseen.words, w.matched}
}

// wordsOf returns a finder of the words of a set. list yields all of them.
func (c *evalContext) wordsOf(list func(yield func(string) bool)) *setWords {
	w := &setWords{evalContext: c, queries: make(map[int]search.Query)}
	tagged, untagged := 0, 0 // words in the vocabulary
	for word := range list {
		plain, ok := sets.Untag(word)
		if !ok {
			return w
		}
		if _, stored := c.words.Find(word); stored {
			tagged++
		}
		if _, stored := c.words.Find(plain); stored {
			untagged++
		}
	}
	w.untag = untagged > tagged
	return w
}

// find returns the id of a stored word.
func (w *setWords) find(word string) (id int, f form, ok bool) {
	if w.untag {
		word, f.untagged = sets.Untag(word)
	}
	if id, ok = w.words.Find(word); ok {
		f.normalized = w.words.Normalized(word, id)
	}
	return id, f, ok
}

// vector returns the vector of a word: that of a stored word, or the one that the model composes for a
// word it has not stored. ok is false if there is none; the word is then listed as missing.
func (w *setWords) vector(word string) (vector []float32, f form, ok bool) {
	r := w.e.Reader() // its vectors are valid until it is used again
	id, f, stored := w.find(word)
	if stored {
		if limit := w.options.RestrictSimilarity; limit == 0 || id < limit {
			return r.Stored(id), f, true
		}
	} else if vector, ok = r.Unseen(w.spelled(word)); ok {
		w.unseen.add(word)
		f.unseen = true
		return vector, f, true
	}
	w.missing.add(word)
	return nil, form{}, false
}

// query returns the query for a word of an analogy question, as vector returns the vector of one.
func (w *setWords) query(word string) (query search.Query, f form, ok bool) {
	index := w.analogyIndex()
	id, f, stored := w.find(word)
	if stored {
		if id < index.Len() {
			query, known := w.queries[id]
			if !known {
				query = index.Stored(id)
				w.queries[id] = query
			}
			return query, f, true
		}
	} else if query, ok = index.Unseen(w.spelled(word)); ok {
		w.unseen.add(word)
		f.unseen = true
		return query, f, true
	}
	w.missing.add(word)
	return search.Query{}, form{}, false
}

// spelled returns a word as it is looked up.
func (w *setWords) spelled(word string) string {
	if w.untag {
		word, _ = sets.Untag(word)
	}
	return word
}

// answers returns the ids of those answers to a question that can be answered: stored words among the
// candidates. D is one answer if the vocabulary has it as it stands, slashes and all. If there is none,
// the answers are listed as missing.
func (w *setWords) answers(q sets.Question) (ids []int, f form) {
	alternatives := q.Answers()
	if id, f, ok := w.find(q.D); ok && len(alternatives) > 1 && id < w.analogyIndex().Len() {
		return []int{id}, f
	}
	for _, answer := range alternatives {
		if id, own, ok := w.find(answer); ok && id < w.analogyIndex().Len() {
			ids, f = append(ids, id), f.and(own)
		}
	}
	if len(ids) == 0 {
		for _, answer := range alternatives {
			w.missing.add(answer)
		}
	}
	return ids, f
}

// A wordList is a list of distinct words in the order they were added.
type wordList struct {
	words []string
	has   map[string]bool
}

// add adds word, if it is not in the list.
func (l *wordList) add(word string) {
	if l.has[word] {
		return
	}
	if l.has == nil {
		l.has = make(map[string]bool)
	}
	l.has[word] = true
	l.words = append(l.words, word)
}

// list returns the words, as an empty slice if there are none: [] in JSON.
func (l *wordList) list() []string {
	if l.words == nil {
		return []string{}
	}
	return l.words
}
