package compress

import (
	"archive/zip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/flate"

	"kindred/internal/filetype"
)

// maxMembers is how many members of an archive an error lists.
const maxMembers = 5

// openZip returns the content of the only file in a zip archive. It reads from f.R, after a look at the
// directory at the end.
func openZip(f *filetype.File) (io.ReadCloser, error) {
	refuse := func(name, help string) error {
		return filetype.Refuse(f, name, help)
	}
	if f.At == nil {
		return nil, refuse("a zip archive that comes from a pipe", "its directory is at its end: name the file itself, or unpack it (unzip -p FILE | …)")
	}
	archive, err := zip.NewReader(f.At, f.Size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, fmt.Errorf("zip archive: %w; copy or download the file again", err)
	}
	var members []*zip.File
	for _, m := range archive.File {
		if !strings.HasSuffix(m.Name, "/") && !isMacMetadata(m.Name) {
			members = append(members, m)
		}
	}
	if kind, help := archiveKind(archive.File); kind != "" {
		return nil, refuse(kind, help)
	}
	if len(members) != 1 {
		return nil, refuse(fmt.Sprintf("a zip archive of %d files%s", len(members), listMembers(members)),
			"unpack it (unzip FILE) and name those to be read")
	}
	m := members[0]
	if m.Flags&1 != 0 {
		return nil, refuse("an encrypted zip archive", "unpack it (unzip FILE), which asks for the password")
	}
	if m.Method != zip.Store && m.Method != zip.Deflate {
		return nil, refuse(fmt.Sprintf("a zip archive with the compression method %d", m.Method), "unpack it (7z x FILE)")
	}
	start, err := m.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("zip archive: %w; copy or download the file again", err)
	}
	if _, err := io.CopyN(io.Discard, f.R, start); err != nil {
		return nil, unexpected(err)
	}
	z := &zipReader{raw: f.R, packed: &io.LimitedReader{R: f.R, N: int64(m.CompressedSize64)}, file: m}
	z.text = z.packed
	if m.Method == zip.Deflate {
		z.text = flate.NewReader(z.packed)
	}
	return z, nil
}

// isMacMetadata reports whether a member is what macOS stores beside a file.
func isMacMetadata(name string) bool {
	return strings.HasPrefix(name, "__MACOSX/") || path.Base(name) == ".DS_Store"
}

// listMembers returns the names of the first members, behind a colon.
func listMembers(members []*zip.File) string {
	var names []string
	for _, m := range members {
		if len(names) == maxMembers {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprintf("%.60q", m.Name))
	}
	if len(names) == 0 {
		return ""
	}
	return ": " + strings.Join(names, ", ")
}

// archiveKind returns what a zip archive is if it is more than an archive, and what to do.
func archiveKind(members []*zip.File) (kind, help string) {
	const office = "save it as plain text (libreoffice --headless --convert-to txt:Text FILE)"
	arrays := 0
	for _, m := range members {
		switch {
		case m.Name == "xl/workbook.xml":
			return "an office document (.xlsx)", "save it as comma-separated text (libreoffice --headless --convert-to csv FILE)"
		case m.Name == "word/document.xml":
			return "an office document (.docx)", office
		case m.Name == "[Content_Types].xml":
			return "an office document of Microsoft", office
		case m.Name == "mimetype" && m.UncompressedSize64 == uint64(len("application/epub+zip")):
			return "an e-book (EPUB)", "extract its text (ebook-convert FILE OUT.txt)"
		case m.Name == "mimetype":
			return "an office document (OpenDocument)", office
		case m.Name == "META-INF/MANIFEST.MF":
			return "a Java archive (.jar)", ""
		case path.Base(m.Name) == "data.pkl":
			return "a PyTorch file", "load it with the program that made it, and write words and numbers in word2vec's text format"
		case strings.HasSuffix(m.Name, ".npy"):
			arrays++
		}
	}
	if arrays > 0 && arrays == len(members) {
		return "a file of NumPy arrays (.npz)", "write words and numbers in word2vec's text format, a line each"
	}
	return "", ""
}

// A zipReader reads the file in an archive and checks its length and checksum. At the end it reads the
// rest of the archive, so that whoever counts or hashes what is read gets all of it.
type zipReader struct {
	raw    io.Reader
	packed *io.LimitedReader
	text   io.Reader
	file   *zip.File
	n      uint64
	sum    uint32
}

func (z *zipReader) Read(b []byte) (int, error) {
	n, err := z.text.Read(b)
	z.n += uint64(n)
	z.sum = crc32.Update(z.sum, crc32.IEEETable, b[:n])
	if err == io.EOF {
		err = z.end()
	}
	return n, err
}

// end returns io.EOF if the file was complete.
func (z *zipReader) end() error {
	switch {
	case z.file.Method == zip.Store && z.packed.N > 0:
		return io.ErrUnexpectedEOF
	case z.n != z.file.UncompressedSize64, z.sum != z.file.CRC32:
		return zip.ErrChecksum
	}
	if _, err := io.Copy(io.Discard, z.raw); err != nil {
		return err
	}
	return io.EOF
}

func (z *zipReader) Close() error { return nil }
