// Package safetensors reads and writes safetensors files, with a hash of the whole file in them.
//
// A file is
//
//	8 bytes   N, the length of the header: a little-endian uint64
//	N bytes   the header: a JSON object, then spaces
//	          "__metadata__": {"key": "text", …}
//	          "tensor": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …
//	the rest  the data of the tensors, row-major and little-endian
//
// The data_offsets are the start and the end of a tensor's data, counted from the end of the header.
// Each byte of the data belongs to exactly one tensor. (Source: the README of
// github.com/huggingface/safetensors.)
//
// The files that this package writes and reads have two more entries in their metadata: the version
// of what they hold, and the hash. The hash is the 128-bit XXH3 of the file from the first byte to
// the last, in 32 lower-case hexadecimal digits. It is computed with 32 zeros in its own place.
package safetensors
