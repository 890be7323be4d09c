// Package compressed lets package format load vector files that are compressed by gzip. A program
// imports it for that effect alone:
//
//	import _ "kindred/model/format/compressed"
//
// Without it, a program that loads vectors does not link a decompressor.
package compressed

import (
	"io"

	"github.com/klauspost/compress/gzip"

	"kindred/model/format"
)

func init() {
	format.RegisterGzip(func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) })
}
