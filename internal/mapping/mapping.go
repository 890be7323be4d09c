// Package mapping maps files into memory for reading. A part of a mapped file that is not there any more, as the file
// was cut, gives an error where it is read through [File.Use], not a dead process.
package mapping

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"unsafe"
)

// ErrUnsupported is the error of [Open] on systems where it can't map files.
var ErrUnsupported = errors.New("files can't be mapped into memory here")

// A File is a file that is mapped into memory. It is safe for concurrent use. Its memory and the file are released when
// nothing refers to it, so whoever uses slices of its data must also hold the File.
type File struct {
	data    []byte
	file    *os.File
	info    fs.FileInfo
	failure atomic.Pointer[error]
}

// Open maps a file that is open for reading, and takes it over: it closes the file at the end, or if it fails. The error
// is [ErrUnsupported], or one of the system.
func Open(file *os.File) (*File, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if int64(int(info.Size())) != info.Size() {
		return nil, errors.Join(ErrUnsupported, file.Close())
	}
	data, err := mapFile(file, int(info.Size()))
	if err != nil {
		if !errors.Is(err, ErrUnsupported) {
			err = fmt.Errorf("%s: mapping it takes %d MiB of memory addresses: %w", file.Name(), info.Size()>>20, err)
		}
		return nil, errors.Join(err, file.Close())
	}
	f := &File{data: data, file: file, info: info}
	runtime.AddCleanup(f, unmap, data)
	return f, nil
}

// Size returns the size of the file when it was mapped.
func (f *File) Size() int64 { return int64(len(f.data)) }

// Floats returns n 32-bit floats from offset on, which must be a multiple of 4, as they are in the memory of the file. They
// may be read only within [File.Use]. It panics if the file did not have them.
func (f *File) Floats(offset int64, n int) []float32 {
	bytes := f.Bytes(offset, 4*n)
	if len(bytes) == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(bytes))), n)
}

// Bytes returns n bytes from offset on. See [File.Floats].
func (f *File) Bytes(offset int64, n int) []byte {
	return f.data[offset : offset+int64(n) : offset+int64(n)]
}

// Use calls read, which may read the data of the file. If a part of it is not there, as the file was cut after it was
// mapped or a disk failed, read ends there and Use returns an error, as all later calls of [File.Err] do. Other
// goroutines that read starts are not covered.
func (f *File) Use(read func()) (err error) {
	old := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(old)
		if reason := recover(); reason != nil {
			if !f.isFault(reason) {
				panic(reason)
			}
			err = fmt.Errorf("%s: a part of the file can't be read any more: it was cut after it was opened, or the disk failed", f.file.Name())
			f.failure.CompareAndSwap(nil, &err)
		}
		runtime.KeepAlive(f)
	}()
	read()
	return nil
}

// isFault reports whether what was recovered is that memory of the file could not be read.
func (f *File) isFault(reason any) bool {
	fault, ok := reason.(interface{ Addr() uintptr })
	if !ok || len(f.data) == 0 {
		return false
	}
	start := uintptr(unsafe.Pointer(unsafe.SliceData(f.data)))
	// The system reports the page of the fault or the address.
	return fault.Addr() >= start && fault.Addr() < start+uintptr(len(f.data))+uintptr(os.Getpagesize())
}

// Err returns the first error of [File.Use], or says that the file was changed after it was mapped.
func (f *File) Err() error {
	if failed := f.failure.Load(); failed != nil {
		return *failed
	}
	now, err := f.file.Stat()
	if err != nil {
		return err
	}
	if now.Size() != f.info.Size() || !now.ModTime().Equal(f.info.ModTime()) {
		return fmt.Errorf("%s: the file was changed while it was used", f.file.Name())
	}
	return nil
}
