package filetype

import "bytes"

// A signature is a run of bytes at a fixed place of a file.
type signature struct {
	offset int
	bytes  string
	is     *Type
	// also, if not nil, must hold too. Signatures that a text could begin with need it.
	also func(head []byte) bool
}

const (
	exportText    = "export its text first"
	exportVectors = "load it with the tool that made it, and save it in word2vec's format"
	// gensim's KeyedVectors and Word2Vec are pickles.
	exportGensim = `export it in Python: KeyedVectors.load("FILE").save_word2vec_format("OUT.bin", binary=True); vectors of a Word2Vec model are its wv`
	exportTorch  = "it may run code when it is loaded; load it with the program that made it, and write words and numbers in word2vec's text format"
)

var (
	tarType         = &Type{Name: "a tar archive", help: "unpack it (tar -xf FILE) and name the files in it"}
	safetensorsType = &Type{Name: "a safetensors file of vectors"}
	fastTextType    = &Type{Name: "a fastText model (.bin or .ftz)", help: "read its vectors with the commands for vectors, such as kindred nearest"}
	npyType         = &Type{Name: "a NumPy array (.npy)", help: exportText}
	pickleType      = &Type{Name: "a Python pickle", help: exportText, helpVectors: exportGensim}
	imageHelp       = "if it shows text, recognize that first (tesseract FILE OUT)"
	officeHelp      = "save it as plain text (libreoffice --headless --convert-to txt:Text FILE)"
)

func image(kind string) *Type   { return &Type{Name: "an image (" + kind + ")", help: imageHelp} }
func media(kind string) *Type   { return &Type{Name: "audio or video (" + kind + ")"} }
func program(kind string) *Type { return &Type{Name: "a program (" + kind + ")"} }

func packed(name, command string) *Type {
	return &Type{Name: name, help: "unpack it first (" + command + ")"}
}

// signatures are those of files that hold no text as it is, nor vectors that can be read. Sources are
// the formats' own documents, and the database of file(1).
var signatures = []signature{
	// Archives and compressed streams.
	{0, "7z\xbc\xaf\x27\x1c", packed("a 7z archive", "7z x FILE"), nil},
	{0, "Rar!\x1a\x07", packed("a RAR archive", "unrar x FILE"), nil},
	{0, "\x04\x22\x4d\x18", packed("compressed by lz4", "lz4 -d FILE OUT"), nil},
	{0, "\x02\x21\x4c\x18", packed("compressed by lz4", "lz4 -d FILE OUT"), nil},
	{0, "\x1f\x9d", packed("compressed by compress (.Z)", "gzip -dc FILE > OUT"), nil},
	{0, "\x1f\xa0", packed("compressed by compress (LZH)", "gzip -dc FILE > OUT"), nil},
	{0, "\x1f\x1e", packed("compressed by pack (.z)", "gzip -dc FILE > OUT"), nil},
	{0, "\x5d\x00\x00", packed("compressed by lzma", "xz --format=lzma -dc FILE > OUT"), isLZMA},
	{0, "LZIP\x01", packed("compressed by lzip", "lzip -dk FILE"), nil},
	{0, "\x89LZO\x00\r\n\x1a\n", packed("compressed by lzop", "lzop -dk FILE"), nil},
	{0, "LRZI\x00", packed("compressed by lrzip", "lrzip -d FILE"), nil},
	{0, "\xff\x06\x00\x00sNaPpY", packed("compressed by snappy", "snzip -dk FILE"), nil},
	{0, "MSCF\x00\x00\x00\x00", packed("a cabinet archive", "cabextract FILE"), nil},
	{0, "!<arch>\n", packed("an ar archive or a Debian package", "ar x FILE"), nil},
	{0, "070701", packed("a cpio archive", "cpio -idF FILE"), isBinaryHead},
	{0, "070707", packed("a cpio archive", "cpio -idF FILE"), isBinaryHead},
	{0, "\xed\xab\xee\xdb", packed("an RPM package", "rpm2cpio FILE | cpio -id"), nil},
	{0, "hsqs", packed("a squashfs image", "unsquashfs FILE"), isBinaryHead},
	{0, "PK\x07\x08", packed("a part of a divided zip archive", "zip -s 0 FILE --out OUT.joined.zip"), nil},

	// Documents.
	{0, "%PDF-", &Type{Name: "a PDF document", help: "extract its text (pdftotext FILE OUT.txt)"}, nil},
	{0, "%!PS-Adobe", &Type{Name: "a PostScript document", help: "extract its text (ps2ascii FILE OUT.txt)"}, nil},
	{0, `{\rtf`, &Type{Name: "an RTF document", help: officeHelp}, nil},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &Type{Name: "an office document of Microsoft (.doc, .xls, .ppt or .msg)", help: officeHelp}, nil},
	{0, "AT&TFORM", &Type{Name: "a DjVu document", help: "extract its text (djvutxt FILE OUT.txt)"}, nil},
	{60, "BOOKMOBI", &Type{Name: "an e-book (Mobipocket)", help: "extract its text (ebook-convert FILE OUT.txt)"}, nil},

	// Models and data of other tools.
	{0, "\xba\x16\x4f\x2f", fastTextType, nil},
	{0, "\x93NUMPY", npyType, nil},
	{0, "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19", &Type{Name: "a PyTorch file", help: exportText, helpVectors: exportTorch}, nil},
	{0, "\x80\x02", pickleType, isPickle},
	{0, "\x80\x03", pickleType, isPickle},
	{0, "\x80\x04\x95", pickleType, nil},
	{0, "\x80\x05\x95", pickleType, nil},
	{0, "ccopy_reg\n_reconstructor", pickleType, nil},
	{0, "\x89HDF\r\n\x1a\n", &Type{Name: "an HDF5 file", help: exportText, helpVectors: exportVectors}, nil},
	{0, "SQLite format 3\x00", &Type{Name: "an SQLite database", help: `select its text (sqlite3 FILE "select COLUMN from TABLE" > OUT.txt)`, helpVectors: exportVectors}, nil},
	{0, "PAR1", &Type{Name: "a Parquet file", help: exportText, helpVectors: exportVectors}, isBinaryHead},
	{0, "ARROW1\x00", &Type{Name: "an Arrow file", help: exportText, helpVectors: exportVectors}, nil},
	{0, "FEA1", &Type{Name: "a Feather file", help: exportText, helpVectors: exportVectors}, isBinaryHead},
	{0, "GGUF", &Type{Name: "a GGUF model", help: exportText, helpVectors: exportVectors}, isBinaryHead},
	{0, "MATLAB 5.0 MAT-file", &Type{Name: "a MATLAB file", help: exportText, helpVectors: exportVectors}, nil},
	{8, "{", safetensorsType, isSafetensors},
	{0, "version https://git-lfs.github.com/spec/v1\n", &Type{Name: "a pointer of Git LFS", help: "fetch the file that it stands for (git lfs pull)"}, nil},

	// Programs, images, sound.
	{0, "\x7fELF", program("ELF"), nil},
	{0, "\xfe\xed\xfa\xce", program("Mach-O"), nil},
	{0, "\xfe\xed\xfa\xcf", program("Mach-O"), nil},
	{0, "\xce\xfa\xed\xfe", program("Mach-O"), nil},
	{0, "\xcf\xfa\xed\xfe", program("Mach-O"), nil},
	{0, "\xca\xfe\xba\xbe", program("Java class or Mach-O"), nil},
	{0, "\x00asm", program("WebAssembly"), nil},
	{0, "MZ", program("Windows"), isBinaryHead},
	{0, "\x89PNG\r\n\x1a\n", image("PNG"), nil},
	{0, "\xff\xd8\xff", image("JPEG"), nil},
	{0, "GIF87a", image("GIF"), isBinaryHead},
	{0, "GIF89a", image("GIF"), isBinaryHead},
	{0, "BM", image("BMP"), isBinaryHead},
	{0, "II*\x00", image("TIFF"), nil},
	{0, "MM\x00*", image("TIFF"), nil},
	{8, "WEBP", image("WebP"), isBinaryHead},
	{0, "RIFF", media("RIFF"), isBinaryHead},
	{0, "OggS\x00", media("Ogg"), nil},
	{0, "fLaC\x00", media("FLAC"), nil},
	{0, "ID3", media("MP3"), isBinaryHead},
	{4, "ftyp", media("MP4"), isBinaryHead},
	{0, "\x1a\x45\xdf\xa3", media("Matroska"), nil},
}

// isBinaryHead reports whether a file that begins with a signature of letters is binary.
func isBinaryHead(head []byte) bool {
	return bytes.IndexByte(head, 0) >= 0 && 20*oddBytes(head) > len(head)
}

// isLZMA reports whether the header of an .lzma file is likely: its dictionary is a power of two, or
// three halves of one, and its size is unknown or below 2^40.
func isLZMA(head []byte) bool {
	if len(head) < 13 {
		return false
	}
	size := head[5:13]
	return bytes.Count(size, []byte{0xff}) == 8 || bytes.Equal(size[5:], []byte{0, 0, 0})
}

// isPickle reports whether an operation that a pickle may begin with follows its version.
func isPickle(head []byte) bool {
	return len(head) > 2 && bytes.IndexByte([]byte("}](cXUKMGN\x88\x89\x8a\x8c\x95)"), head[2]) >= 0
}

// isSafetensors reports whether the length of a header of JSON stands before it.
func isSafetensors(head []byte) bool {
	return len(head) > 9 && head[5] == 0 && head[6] == 0 && head[7] == 0 && bytes.IndexByte([]byte(`"} `), head[9]) >= 0
}

// recognizePage recognizes a page of the web, or nil.
func recognizePage(head []byte) *Type {
	start := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"))
	start = start[:min(len(start), 20)]
	if bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")) {
		return &Type{Name: "a page of the web (HTML)", help: "download the file itself; such a page often stands in its place if a link has expired"}
	}
	return nil
}
