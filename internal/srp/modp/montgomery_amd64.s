#include "textflag.h"

// One word of row += x·DX: low halves travel on CF with the high half of the
// word before, the words of the row come in on OF. No instruction between the
// words touches either flag.
#define WORD(off, x, in, out) \
	MULXQ off(x), AX, out  \
	ADCXQ in, AX           \
	ADOXQ off(DI), AX      \
	MOVQ  AX, off(DI)

#define WORDS8(off, x) \
	WORD(off+0, x, R8, R9)  \
	WORD(off+8, x, R9, R8)  \
	WORD(off+16, x, R8, R9) \
	WORD(off+24, x, R9, R8) \
	WORD(off+32, x, R8, R9) \
	WORD(off+40, x, R9, R8) \
	WORD(off+48, x, R8, R9) \
	WORD(off+56, x, R9, R8)

// The 48 words at DI += x·DX, the word that overflows in R8. BX must be 0.
#define ROW(x) \
	XORQ  R8, R8   \
	WORDS8(0, x)   \
	WORDS8(64, x)  \
	WORDS8(128, x) \
	WORDS8(192, x) \
	WORDS8(256, x) \
	WORDS8(320, x) \
	ADCXQ BX, R8   \
	ADOXQ BX, R8

// func montgomeryADX(t *[96]uint64, x, y, n *[48]uint64) (carry uint64)
TEXT ·montgomeryADX(SB), NOSPLIT, $0-40
	MOVQ t+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), R10
	MOVQ n+24(FP), R11
	MOVQ $48, CX
	XORQ BX, BX
	XORQ R12, R12      // the carry out of the window

loop:
	MOVQ (R10), DX
	ROW(SI)
	ADDQ R12, R8
	MOVQ $0, R12
	ADCQ $0, R12
	MOVQ R8, R13
	MOVQ (DI), DX      // N ends in 2^64-1: the quotient word is the lowest word
	ROW(R11)
	ADDQ R8, R13
	ADCQ $0, R12
	MOVQ R13, 384(DI)
	ADDQ $8, DI
	ADDQ $8, R10
	DECQ CX
	JNZ  loop

	MOVQ R12, carry+32(FP)
	RET
