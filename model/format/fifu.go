package format

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"

	"kindred/corpus/vocab"
	"kindred/model"
	"kindred/model/subword"
)

// fifu is the container of finalfusion (finalfusion.github.io; finalfusion-rust of version 0.18), all numbers
// little-endian:
//
//	"FiFu", version 0, number of chunks, their kinds     uint32 each
//	chunks: kind uint32, length uint64, content
//
// The chunks are metadata (TOML), if there are any, the words, a matrix and, if there are any, the lengths of the vectors of
// words, which are unit vectors then.
var fifu = &Format{
	Name:          "fifu",
	Aliases:       []string{"finalfusion"},
	Extensions:    []string{".fifu"},
	Description:   "finalfusion's container: words, with n-grams of any kind, and a matrix that can be mapped into memory",
	read:          readFifu,
	sniff:         func(p prefix) bool { return bytes.HasPrefix(p.data, []byte(fifuMagic)) },
	files:         []outputFile{{samePath, writeFifu}},
	badWord:       badFifuWord,
	holds:         holdsFifu,
	holdsManifest: true,
	wordless:      true,
}

const fifuMagic = "FiFu"

// The kinds of chunks.
const (
	fifuSimple    = 1
	fifuMatrix    = 2
	fifuBuckets   = 3
	fifuQuantized = 4
	fifuMetadata  = 5
	fifuNorms     = 6
	fifuFastText  = 7
	fifuExplicit  = 8
	fifuFloret    = 9
)

// fifuChunks names the kinds in errors.
var fifuChunks = map[uint32]string{
	fifuSimple: "words", fifuMatrix: "the matrix", fifuBuckets: "words with n-grams in buckets", fifuQuantized: "a quantized matrix", fifuMetadata: "metadata",
	fifuNorms: "the lengths of vectors", fifuFastText: "words with n-grams of fastText", fifuExplicit: "words with listed n-grams", fifuFloret: "n-grams of floret",
}

const (
	// fifuFloat32 is the number of the type of values.
	fifuFloat32 = 10
	// maxFifuChunks is the largest number of chunks that is read; there are four kinds of chunks in a file.
	maxFifuChunks = 16
	// maxFifuMetadata is the size of the largest metadata, in bytes.
	maxFifuMetadata = 64 << 20
	// maxFifuDim is the largest dimension that is read: a row must fit in memory whatever a header promises.
	maxFifuDim = 1 << 20
)

// fifuPadding returns the number of bytes between a place in the file and aligned values: 1 to 4.
func fifuPadding(offset int64) int { return 4 - int(offset%4) }

// A fifuReader reads a container.
type fifuReader struct {
	fileReader
	chunks   []uint32
	metadata []byte

	words  []string
	ngrams *subword.NGrams // nil if words are not made of n-grams
	matrix *model.Matrix
	norms  []float32 // nil if there are none
}

func readFifu(in *input) (*model.Embeddings, error) {
	r := &fifuReader{fileReader: fileReader{in: in, kind: "a finalfusion file"}}
	if err := r.header(); err != nil {
		return nil, err
	}
	for i, kind := range r.chunks {
		if err := r.chunk(i, kind); err != nil {
			return nil, err
		}
	}
	// Some files of finalfusion have the lengths of vectors and do not say so in the header.
	if kind, err := in.r.Peek(4); err == nil && r.norms == nil && binary.LittleEndian.Uint32(kind) == fifuNorms {
		if err := r.chunk(len(r.chunks), fifuNorms); err != nil {
			return nil, err
		}
	}
	if err := r.end("its last chunk"); err != nil {
		return nil, err
	}
	if err := r.scale(); err != nil {
		return nil, err
	}
	e, err := r.embeddings()
	if err != nil {
		return nil, in.named(err)
	}
	if r.metadata != nil {
		r.takeMetadata(e)
	}
	return in.withoutBad(e, r.bad)
}

// header reads the kinds of chunks, and checks their order.
func (r *fifuReader) header() error {
	var magic [4]byte
	var version, n uint32
	if err := r.values("its header", &magic, &version, &n); err != nil {
		return err
	}
	switch {
	case string(magic[:]) != fifuMagic || version != 0:
		return r.fail("expected %q and version 0, found %q and version %d", fifuMagic, magic, version)
	case n > maxFifuChunks:
		return r.fail("the header counts %d chunks, at most %d are possible", n, maxFifuChunks)
	}
	r.chunks = make([]uint32, n)
	if err := r.values("its header", r.chunks); err != nil {
		return err
	}
	order := slices.Clone(r.chunks)
	if len(order) > 0 && order[0] == fifuMetadata {
		order = order[1:]
	}
	if len(order) == 3 && order[2] == fifuNorms {
		order = order[:2]
	}
	switch {
	case len(order) == 2 && order[1] == fifuQuantized:
		return fmt.Errorf("%s is a finalfusion file with a quantized matrix, which kindred does not read; use the file it was made from", r.in.name)
	case len(order) != 2 || order[1] != fifuMatrix || !slices.Contains([]uint32{fifuSimple, fifuBuckets, fifuFastText, fifuExplicit, fifuFloret}, order[0]):
		return r.fail("the kinds of chunks are %d; expected a kind of words (%d, %d, %d, %d or %d) and a matrix (%d), perhaps between metadata (%d) and lengths (%d)",
			r.chunks, fifuSimple, fifuBuckets, fifuFastText, fifuExplicit, fifuFloret, fifuMatrix, fifuMetadata, fifuNorms)
	}
	return nil
}

// chunk reads chunk i, which is of this kind by the header.
func (r *fifuReader) chunk(i int, want uint32) error {
	what := fmt.Sprintf("chunk %d (%s)", i+1, fifuChunks[want])
	var kind uint32
	var length uint64
	if err := r.values(what, &kind, &length); err != nil {
		return err
	}
	if kind != want {
		return r.fail("%s is of the kind %d, the header says %d", what, kind, want)
	}
	// Like finalfusion, kindred needs the length of metadata only: what the other chunks hold has lengths of its own.
	switch kind {
	case fifuMetadata:
		var err error
		r.metadata, err = r.bytes(what, length, maxFifuMetadata)
		return err
	case fifuMatrix:
		return r.readMatrix(what)
	case fifuNorms:
		return r.readNorms(what)
	}
	return r.readWords(kind, what)
}

// bytes reads n bytes, most at most. Many are allocated as they arrive.
func (r *fifuReader) bytes(what string, n, most uint64) (data []byte, err error) {
	switch {
	case n > most:
		return nil, r.fail("%s: %d bytes, at most %d are possible", what, n, most)
	case n <= maxWordBytes:
		data = make([]byte, n)
		_, err = io.ReadFull(r.in.r, data)
	default:
		if data, err = io.ReadAll(io.LimitReader(r.in.r, int64(n))); err == nil && uint64(len(data)) < n {
			err = io.EOF
		}
	}
	if err != nil {
		return nil, r.cut(err, what)
	}
	r.offset += int64(n)
	return data, nil
}

// readMatrix reads the matrix: a row for each word, then one for each bucket.
func (r *fifuReader) readMatrix(what string) error {
	var shape struct {
		Rows          uint64
		Columns, Type uint32
	}
	if err := r.values(what, &shape); err != nil {
		return err
	}
	want := uint64(len(r.words))
	if r.ngrams != nil {
		want += uint64(r.ngrams.Buckets)
	}
	switch {
	case shape.Type != fifuFloat32:
		return r.fail("%s: its values are of the type %d, want %d, float32", what, shape.Type, fifuFloat32)
	case shape.Columns < 1 || shape.Columns > maxFifuDim:
		return r.fail("%s: the dimension is %d, want 1 to %d", what, shape.Columns, maxFifuDim)
	case shape.Rows != want:
		return r.fail("%s has %d rows, want %d for the words and buckets", what, shape.Rows, want)
	}
	if err := r.pad(what); err != nil {
		return err
	}
	var err error
	r.matrix, err = r.rows(what, int64(shape.Rows), int64(shape.Columns), len(r.words))
	return err
}

// readNorms reads the lengths of the vectors of words.
func (r *fifuReader) readNorms(what string) error {
	var head struct {
		Length uint64
		Type   uint32
	}
	if err := r.values(what, &head); err != nil {
		return err
	}
	if head.Type != fifuFloat32 || head.Length != uint64(len(r.words)) {
		return r.fail("%s: %d values of the type %d, want %d, one for each word, of the type %d, float32", what, head.Length, head.Type, len(r.words), fifuFloat32)
	}
	if err := r.pad(what); err != nil {
		return err
	}
	r.norms = make([]float32, len(r.words))
	if err := r.values(what, r.norms); err != nil {
		return err
	}
	for i, x := range r.norms {
		if x >= 0 && !math.IsInf(float64(x), 1) {
			continue
		}
		if !r.in.skipBad {
			return r.fail("%s: the length of the vector of %.60q is %v", what, r.words[i], x)
		}
		r.norms[i] = 0
		r.markBad(i)
	}
	return nil
}

// pad skips the bytes before aligned values.
func (r *fifuReader) pad(what string) error {
	return r.values(what, make([]byte, fifuPadding(r.offset)))
}

// scale gives the vectors of words the lengths that they had.
func (r *fifuReader) scale() error {
	for i, norm := range r.norms {
		row := r.matrix.Row(i)
		for k := range row {
			row[k] *= norm
		}
		if model.FirstNotFinite(row) < 0 {
			continue
		}
		if !r.in.skipBad {
			return r.fail("a value of the vector of %.60q, which has the length %v, is too large for a 32-bit float", r.words[i], norm)
		}
		clear(row)
		r.markBad(i)
	}
	return nil
}

// dropBad leaves out the words that are noted in r.bad, before words that occur twice are.
func (r *fifuReader) dropBad() {
	kept := 0
	for i, word := range r.words {
		if r.bad[i] {
			r.in.skipped.add(badFinite, []byte(word), fmt.Sprintf("row %d", i+1))
			continue
		}
		copy(r.matrix.Row(kept), r.matrix.Row(i))
		r.words[kept] = word
		kept++
	}
	r.words, r.bad = r.words[:kept], nil
	r.matrix.Rows, r.matrix.Data = kept, r.matrix.Data[:kept*r.matrix.Stride]
}

// embeddings returns what was read. The rows of words are their vectors.
func (r *fifuReader) embeddings() (*model.Embeddings, error) {
	if r.ngrams == nil {
		if r.dropBad(); len(r.words) == 0 {
			return nil, r.in.nothingLeft()
		}
		return newEmbeddings(r.words, r.matrix)
	}
	words, err := vocab.New(r.words, nil)
	if err != nil {
		return nil, err
	}
	made, err := subword.New(words, *r.ngrams)
	if err != nil {
		return nil, err
	}
	made.Composed = r.ngrams.Hash != subword.Floret
	e := &model.Embeddings{Vocabulary: made}
	warnBrokenUTF8(e, r.words)
	if len(r.words) == 0 && r.in.words == nil {
		warnf(e, "the file has a table of floret and no words, so there are none to search or list; give a list of the words to read")
	}
	e.Input, err = allUsed(r.matrix, made)
	return e, err
}

// fifuManifest is the key of kindred's manifest in the metadata.
const fifuManifest = "kindred = "

// takeMetadata sets the manifest from metadata that kindred wrote: a line of TOML whose value is also a JSON string.
func (r *fifuReader) takeMetadata(e *model.Embeddings) {
	line, found := bytes.CutPrefix(r.metadata, []byte(fifuManifest))
	var manifest string
	if !found || json.Unmarshal(bytes.TrimSpace(line), &manifest) != nil {
		warnf(e, "its metadata, %d bytes of TOML, is left out", len(r.metadata))
		return
	}
	decodeManifest(e, []byte(manifest), "in "+r.in.name, r.in.partial())
}
