// Package compressed lets package format load vector files that are compressed by gzip, bzip2, zstd or
// xz, or are the only file in a zip archive. It does the same for vocabularies and evaluation sets. A
// program imports it for that effect alone:
//
//	import _ "kindred/model/format/compressed"
//
// Without it, a program that loads vectors does not link a decompressor. Package corpus, which reads
// compressed texts, links them too.
package compressed

import _ "kindred/internal/compress" // registers itself
