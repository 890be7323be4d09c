package source

import (
	"bytes"
	"context"
	"io"
	"sync"
)

const (
	// inputStreams is how many inputs are read and decompressed at a time. It is the same on all
	// machines, since it decides the order of their chunks.
	inputStreams = 8
	// streamDepth is how many chunks an input stream reads ahead.
	streamDepth = 2
)

// Chunks reads all inputs once and passes their text to yield in chunks of at most size bytes
// (usually [DefaultChunkSize]). Chunks may be used in other goroutines, any number at a time; each
// should be released after use. Chunks returns the first error of yield, of reading, or of ctx,
// which it checks between chunks.
//
// Input i belongs to input stream i mod 8. The streams read ahead at the same time, which
// decompresses several files in parallel, and yield gets a chunk of each in turn until all have
// ended. So the order depends on nothing but the inputs, and the chunks of one input keep theirs.
//
// The last chunk of an input may be empty: it ends a line that the chunk before left open.
func (s *Source) Chunks(ctx context.Context, size int, yield func(Chunk) error) error {
	c := &chunker{source: s, size: size}
	if len(s.inputs) == 1 {
		return c.input(ctx, 0, yield)
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	var active []*inputStream
	for first := range min(inputStreams, len(s.inputs)) {
		stream := &inputStream{ready: make(chan Chunk, streamDepth)}
		active = append(active, stream)
		running.Go(func() { stream.read(ctx, c, first) })
	}
	disk := make([]int64, len(s.inputs)) // bytes read of each input
	sum := int64(0)
	for len(active) > 0 {
		remaining := active[:0]
		for _, stream := range active {
			chunk, ok := <-stream.ready
			if !ok {
				if stream.err != nil {
					return stream.err
				}
				continue
			}
			remaining = append(remaining, stream)
			sum += chunk.Disk - disk[chunk.Input]
			disk[chunk.Input] = chunk.Disk
			chunk.Disk = sum
			if err := yield(chunk); err != nil {
				return err
			}
		}
		active = remaining
	}
	return nil
}

// ChunksInOrder is [Source.Chunks] with all chunks of an input before those of the next one. It decompresses one
// input at a time.
func (s *Source) ChunksInOrder(ctx context.Context, size int, yield func(Chunk) error) error {
	c := &chunker{source: s, size: size}
	for i := range s.inputs {
		if err := c.input(ctx, i, yield); err != nil {
			return err
		}
	}
	return nil
}

// An inputStream reads every eighth input, one after the other.
type inputStream struct {
	ready chan Chunk
	err   error // valid when ready is closed
}

// read reads all inputs of the stream, starting with the given one.
func (s *inputStream) read(ctx context.Context, c *chunker, first int) {
	defer close(s.ready)
	for i := first; i < len(c.source.inputs) && s.err == nil; i += inputStreams {
		s.err = c.input(ctx, i, func(chunk Chunk) error {
			select {
			case s.ready <- chunk:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
	}
}

// Concat writes the decompressed text of all inputs to w, one after the other, for programs that
// read one plain file. It adds a newline after an input that does not end with one, and changes
// nothing else.
func (s *Source) Concat(ctx context.Context, w io.Writer) error {
	return s.concat(ctx, w, DefaultChunkSize)
}

func (s *Source) concat(ctx context.Context, w io.Writer, size int) error {
	c := &chunker{source: s, size: size}
	for i := range s.inputs {
		openLine := false
		err := c.input(ctx, i, func(chunk Chunk) error {
			defer chunk.Release()
			if len(chunk.Data) == 0 {
				return nil
			}
			openLine = !bytes.HasSuffix(chunk.Data, []byte{'\n'})
			_, err := w.Write(chunk.Data)
			return err
		})
		if err == nil && openLine {
			_, err = w.Write([]byte{'\n'})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
