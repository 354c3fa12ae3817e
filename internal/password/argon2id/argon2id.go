// Package argon2id is Argon2id (RFC 9106) with one lane, in memory that is
// used again.
//
// The usual implementation allocates its 19 MiB for each hash, which costs
// twice: the pages must be faulted in, and the garbage collector runs for
// every few hashes, over everything else that the server holds. Here hashes
// run in arenas that are kept, outside of the collector's heap where the
// system allows it. There are as many arenas as hashes ever ran at once, so
// callers must bound that: run Key on a lane.
//
// With AVX2 a hash takes about half as long. The result is the same.
package argon2id

import (
	"encoding/binary"
	"sync"

	"golang.org/x/crypto/blake2b"
)

const (
	blockWords = 128
	blockSize  = 8 * blockWords
	syncPoints = 4 // slices of a pass
	version    = 0x13
	variant    = 2 // Argon2id
)

// MinMemory is the least memory that the algorithm works with, in KiB.
const MinMemory = 8

type block [blockWords]uint64

// Key derives size bytes from a password and a salt, with passes over so many
// KiB of memory. Sizes must be at least 4 bytes, 1 pass and MinMemory.
func Key(password, salt []byte, passes, memory uint32, size int) []byte {
	used := memory / syncPoints * syncPoints
	a := take(int(used))
	defer give(a)
	h := hasher{blocks: a.blocks[:used], passes: passes, segment: used / syncPoints}
	h.start(password, salt, memory, size)
	for pass := range passes {
		for slice := range uint32(syncPoints) {
			h.fill(pass, slice)
		}
	}
	var last [blockSize]byte
	for i, w := range h.blocks[used-1] {
		binary.LittleEndian.PutUint64(last[8*i:], w)
	}
	out := make([]byte, size)
	longHash(out, last[:])
	return out
}

type hasher struct {
	blocks  []block
	passes  uint32
	segment uint32 // blocks of a slice
}

// start computes the first two blocks.
func (h *hasher) start(password, salt []byte, memory uint32, size int) {
	var b []byte
	for _, n := range []uint32{1, uint32(size), memory, h.passes, version, variant} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	for _, field := range [][]byte{password, salt, nil, nil} { // no secret, no associated data
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(field))), field...)
	}
	seed := blake2b.Sum512(b)
	var raw [blockSize]byte
	for i := range uint32(2) {
		in := binary.LittleEndian.AppendUint32(append([]byte{}, seed[:]...), i)
		longHash(raw[:], binary.LittleEndian.AppendUint32(in, 0))
		for j := range h.blocks[i] {
			h.blocks[i][j] = binary.LittleEndian.Uint64(raw[8*j:])
		}
	}
}

// longHash is H′ of RFC 9106 §3.3.
func longHash(out, in []byte) {
	in = append(binary.LittleEndian.AppendUint32(nil, uint32(len(out))), in...)
	if len(out) <= blake2b.Size {
		sum, err := blake2b.New(len(out), nil)
		if err != nil {
			panic(err) // the size is in range
		}
		sum.Write(in)
		sum.Sum(out[:0])
		return
	}
	v := blake2b.Sum512(in)
	for len(out) > blake2b.Size {
		out = out[copy(out, v[:blake2b.Size/2]):]
		if len(out) > blake2b.Size {
			v = blake2b.Sum512(v[:])
		}
	}
	sum, err := blake2b.New(len(out), nil)
	if err != nil {
		panic(err) // the size is in range
	}
	sum.Write(v[:])
	sum.Sum(out[:0])
}

// fill computes the blocks of one slice. In the first half of the first pass
// the blocks to mix with are chosen without a look at the data (Argon2i),
// afterwards by it (Argon2d).
func (h *hasher) fill(pass, slice uint32) {
	var addresses, input block
	independent := pass == 0 && slice < syncPoints/2
	if independent {
		input[0], input[1], input[2] = uint64(pass), 0, uint64(slice)
		input[3], input[4], input[5] = uint64(len(h.blocks)), uint64(h.passes), variant
	}
	total := uint32(len(h.blocks))
	first := uint32(0)
	if pass == 0 && slice == 0 {
		first = 2
		if independent {
			nextAddresses(&addresses, &input)
		}
	}
	at := slice*h.segment + first
	previous := at - 1
	if at == 0 {
		previous = total - 1
	}
	for i := first; i < h.segment; i++ {
		var random uint64
		if independent {
			if i%blockWords == 0 {
				nextAddresses(&addresses, &input)
			}
			random = addresses[i%blockWords]
		} else {
			random = h.blocks[previous][0]
		}
		other := h.reference(random, pass, slice, i)
		mix(&h.blocks[at], &h.blocks[previous], &h.blocks[other], pass > 0)
		previous, at = at, at+1
	}
}

// nextAddresses computes the next 128 choices of the data-independent half.
func nextAddresses(addresses, input *block) {
	var zero, tmp block
	input[6]++
	mix(&tmp, &zero, input, false)
	mix(addresses, &zero, &tmp, false)
}

// reference chooses the block to mix with (RFC 9106 §3.4.2, for one lane).
func (h *hasher) reference(random uint64, pass, slice, i uint32) uint32 {
	total := uint32(len(h.blocks))
	area, start := slice*h.segment+i, uint32(0)
	if pass > 0 {
		area, start = total-h.segment+i, (slice+1)%syncPoints*h.segment
	}
	area-- // not the block before this one
	x := random & 0xffffffff
	x = x * x >> 32
	x = uint64(area) * x >> 32
	return uint32((uint64(start) + uint64(area) - 1 - x) % uint64(total))
}

// arena is memory for one hash at a time.
type arena struct{ blocks []block }

var arenas struct {
	sync.Mutex
	free []*arena
}

// take returns an arena of at least n blocks. One that is too small is let go
// for one that is large enough.
func take(n int) *arena {
	arenas.Lock()
	var a *arena
	if last := len(arenas.free) - 1; last >= 0 {
		a, arenas.free = arenas.free[last], arenas.free[:last]
	}
	arenas.Unlock()
	if a != nil && len(a.blocks) >= n {
		return a
	}
	if a != nil {
		release(a.blocks)
	}
	return &arena{blocks: allocate(n)}
}

func give(a *arena) {
	arenas.Lock()
	defer arenas.Unlock()
	arenas.free = append(arenas.free, a)
}
