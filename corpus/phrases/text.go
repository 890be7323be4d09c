package phrases

import (
	"bufio"
	"context"
	"errors"
	"io"

	"kindred/corpus/analysis"
	"kindred/corpus/source"
)

// WriteText writes the tokens of a text, with a space between them and each line as a line. Inputs
// follow one another. progress, if not nil, is called with the number of bytes of text so far.
// With a [List] as the joiner of the analyzer, this is the text with its phrases joined.
func WriteText(ctx context.Context, w io.Writer, text *source.Source, a *analysis.Analyzer, progress func(bytes int64)) (analysis.Statistics, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := &textSink{w: bufio.NewWriterSize(w, 1<<16)}
	stream := a.NewStream(out)
	// The chunks of several inputs alternate, but the text follows the order of the inputs.
	reader, writer := io.Pipe()
	read := make(chan error, 1)
	go func() {
		err := text.Concat(ctx, writer)
		read <- err
		writer.CloseWithError(err)
	}()
	position := int64(0)
	err := source.FromReader("the text", reader).Chunks(ctx, source.DefaultChunkSize, func(chunk source.Chunk) error {
		position += int64(len(chunk.Data))
		stream.Analyze(chunk)
		chunk.Release()
		if progress != nil {
			progress(position)
		}
		return out.err
	})
	cancel(err)
	reader.CloseWithError(errors.Join(err, io.ErrClosedPipe))
	if failed := <-read; failed != nil && out.err == nil {
		err = failed // it names the input
	}
	if err == nil {
		err = out.w.Flush()
	}
	return stream.Statistics(), err
}

// A textSink writes tokens as text.
type textSink struct {
	w      *bufio.Writer
	inside bool // of a line
	err    error
}

func (s *textSink) Token(t []byte) {
	if s.inside {
		s.w.WriteByte(' ')
	}
	s.inside = true
	_, s.err = s.w.Write(t)
}

func (s *textSink) EndLine() {
	s.inside = false
	s.err = s.w.WriteByte('\n')
}
