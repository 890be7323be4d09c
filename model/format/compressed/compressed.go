// Package compressed lets package format load vector files that are compressed by gzip, bzip2, zstd or
// xz, or are the only file in a zip archive, and save files that are compressed by gzip. It does the
// first for vocabularies and evaluation sets, too. A program imports it for that effect alone:
//
//	import _ "kindred/model/format/compressed"
//
// Without it, a program that loads vectors does not link a decompressor. Package corpus, which reads
// compressed texts, links them too.
package compressed

import (
	"kindred/internal/compress" // registers itself for reading
	"kindred/model/format"
)

func init() { format.RegisterGzipWriter(compress.NewGzip) }
