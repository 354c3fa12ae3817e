package argon2id

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// allocate maps memory that the garbage collector does not know, on huge
// pages where there are any: a hash walks through all of it at random. Without
// a mapping the heap serves as well.
func allocate(n int) []block {
	b, err := unix.Mmap(-1, 0, n*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return make([]block, n)
	}
	_ = unix.Madvise(b, unix.MADV_HUGEPAGE)
	return unsafe.Slice((*block)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// release unmaps memory; for what came from the heap instead that fails, and
// the garbage collector has it.
func release(b []block) {
	_ = unix.Munmap(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(b))), len(b)*blockSize))
}
