package layout

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kindred/internal/atomicfile"
	"kindred/model"
)

const (
	// suffix is that of the names of kept layouts.
	suffix = ".map"
	// version is raised by every change that gives other maps for the same vectors.
	version = "kindred map 2\n"
	// mostKept is the number of layouts that stay in a directory.
	mostKept = 64
)

// Cached returns the layout of vectors from dir, where an earlier call left it under a name made of a hash of
// the vectors. If there is none it computes it (see [Compute]) and keeps it; kept is why that failed, if it did.
// The least recently used layouts make room for it.
func Cached(ctx context.Context, dir string, unit *model.Matrix, progress Progress) (l *Layout, kept, err error) {
	path := filepath.Join(dir, key(unit)+suffix)
	if l := read(path, unit.Rows); l != nil {
		now := time.Now()
		_ = os.Chtimes(path, now, now) // it only counts for how long it stays
		return l, nil, nil
	}
	if l, err = Compute(ctx, unit, progress); err != nil {
		return nil, nil, err
	}
	if kept = os.MkdirAll(dir, 0o755); kept == nil {
		kept = atomicfile.WriteFile(path, l.bytes())
	}
	if kept == nil {
		kept = evict(dir)
	}
	return l, kept, nil
}

// key returns a name for the layout of vectors.
func key(unit *model.Matrix) string {
	h := sha256.New()
	h.Write([]byte(version))
	_ = binary.Write(h, binary.LittleEndian, []uint64{uint64(unit.Rows), uint64(unit.Dim)})
	buf := make([]byte, 0, 4*unit.Dim)
	for i := range unit.Rows {
		buf, _ = binary.Append(buf[:0], binary.LittleEndian, unit.Row(i))
		h.Write(buf)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// bytes returns a layout as it is kept: the version, both maps and the clusters, and the SHA-256 of all that.
func (l *Layout) bytes() []byte {
	var b bytes.Buffer
	b.WriteString(version)
	_ = binary.Write(&b, binary.LittleEndian, l.UMAP)
	_ = binary.Write(&b, binary.LittleEndian, l.PCA)
	b.Write(l.Clusters)
	sum := sha256.Sum256(b.Bytes())
	b.Write(sum[:])
	return b.Bytes()
}

// read returns a layout of n words that was kept, nil if there is none or it is damaged.
func read(path string, n int) *Layout {
	info, err := os.Stat(path)
	if err != nil || info.Size() != int64(len(version)+9*n+sha256.Size) {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil || len(data) != len(version)+9*n+sha256.Size {
		return nil
	}
	body := data[:len(data)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], data[len(body):]) {
		return nil
	}
	l := &Layout{UMAP: make([]uint16, 2*n), PCA: make([]uint16, 2*n), Clusters: make([]uint8, n)}
	r := bytes.NewReader(body[len(version):])
	for _, values := range []any{l.UMAP, l.PCA, l.Clusters} {
		if binary.Read(r, binary.LittleEndian, values) != nil {
			return nil
		}
	}
	return l
}

// evict removes the layouts that were not used for the longest time.
func evict(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	type file struct {
		name string
		used time.Time
	}
	var files []file
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), suffix) { // another run may have removed it
			files = append(files, file{e.Name(), info.ModTime()})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return b.used.Compare(a.used) })
	for _, f := range files[min(mostKept, len(files)):] {
		_ = os.Remove(filepath.Join(dir, f.name))
	}
	return nil
}
