package corpus

import (
	"bytes"
	"context"
	"io"
)

// WriteText writes the text of all inputs to w, decompressed and one after the
// other, for programs that read one plain file. The text is not changed but for
// a newline behind an input that has none at its end.
func (s *Source) WriteText(ctx context.Context, w io.Writer) error {
	for i := range s.inputs {
		open := false // the last line still is without an end
		err := s.inputPieces(ctx, i, func(p piece) error {
			defer p.release()
			if len(p.data) == 0 {
				return nil
			}
			open = !bytes.HasSuffix(p.data, newline)
			_, err := w.Write(p.data)
			return err
		})
		if err == nil && open {
			_, err = w.Write(newline)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
