#include "textflag.h"

// Byte shuffles that rotate words right by 24 and by 16.
DATA rotate24<>+0(SB)/8, $0x0201000706050403
DATA rotate24<>+8(SB)/8, $0x0a09080f0e0d0c0b
DATA rotate24<>+16(SB)/8, $0x0201000706050403
DATA rotate24<>+24(SB)/8, $0x0a09080f0e0d0c0b
GLOBL rotate24<>(SB), NOPTR|RODATA, $32

DATA rotate16<>+0(SB)/8, $0x0100070605040302
DATA rotate16<>+8(SB)/8, $0x09080f0e0d0c0b0a
DATA rotate16<>+16(SB)/8, $0x0100070605040302
DATA rotate16<>+24(SB)/8, $0x09080f0e0d0c0b0a
GLOBL rotate16<>(SB), NOPTR|RODATA, $32

// x = x + y + 2·low32(x)·low32(y), for two pairs at once.
#define ADD2(x0, y0, x1, y1) \
	VPMULUDQ x0, y0, Y8  \
	VPMULUDQ x1, y1, Y9  \
	VPADDQ   y0, x0, x0  \
	VPADDQ   y1, x1, x1  \
	VPADDQ   Y8, Y8, Y8  \
	VPADDQ   Y9, Y9, Y9  \
	VPADDQ   Y8, x0, x0  \
	VPADDQ   Y9, x1, x1

// Two quarter rounds, side by side: a in Y0 and Y1, b in Y2 and Y3, c in Y4
// and Y5, d in Y6 and Y7.
#define QUARTERS \
	ADD2(Y0, Y2, Y1, Y3)      \
	VPXOR   Y0, Y6, Y6        \
	VPXOR   Y1, Y7, Y7        \
	VPSHUFD $0xb1, Y6, Y6     \
	VPSHUFD $0xb1, Y7, Y7     \
	ADD2(Y4, Y6, Y5, Y7)      \
	VPXOR   Y4, Y2, Y2        \
	VPXOR   Y5, Y3, Y3        \
	VPSHUFB Y14, Y2, Y2       \
	VPSHUFB Y14, Y3, Y3       \
	ADD2(Y0, Y2, Y1, Y3)      \
	VPXOR   Y0, Y6, Y6        \
	VPXOR   Y1, Y7, Y7        \
	VPSHUFB Y15, Y6, Y6       \
	VPSHUFB Y15, Y7, Y7       \
	ADD2(Y4, Y6, Y5, Y7)      \
	VPXOR   Y4, Y2, Y2        \
	VPXOR   Y5, Y3, Y3        \
	VPADDQ  Y2, Y2, Y8        \
	VPADDQ  Y3, Y3, Y9        \
	VPSRLQ  $63, Y2, Y2       \
	VPSRLQ  $63, Y3, Y3       \
	VPXOR   Y8, Y2, Y2        \
	VPXOR   Y9, Y3, Y3

// Two rows at off and off+128. A register holds four neighbouring words, so
// the diagonals are rotations of whole registers.
#define ROWS(off) \
	VMOVDQU off+0(DI), Y0     \
	VMOVDQU off+32(DI), Y2    \
	VMOVDQU off+64(DI), Y4    \
	VMOVDQU off+96(DI), Y6    \
	VMOVDQU off+128(DI), Y1   \
	VMOVDQU off+160(DI), Y3   \
	VMOVDQU off+192(DI), Y5   \
	VMOVDQU off+224(DI), Y7   \
	QUARTERS                  \
	VPERMQ  $0x39, Y2, Y2     \
	VPERMQ  $0x39, Y3, Y3     \
	VPERMQ  $0x4e, Y4, Y4     \
	VPERMQ  $0x4e, Y5, Y5     \
	VPERMQ  $0x93, Y6, Y6     \
	VPERMQ  $0x93, Y7, Y7     \
	QUARTERS                  \
	VPERMQ  $0x93, Y2, Y2     \
	VPERMQ  $0x93, Y3, Y3     \
	VPERMQ  $0x4e, Y4, Y4     \
	VPERMQ  $0x4e, Y5, Y5     \
	VPERMQ  $0x39, Y6, Y6     \
	VPERMQ  $0x39, Y7, Y7     \
	VMOVDQU Y0, off+0(DI)     \
	VMOVDQU Y2, off+32(DI)    \
	VMOVDQU Y4, off+64(DI)    \
	VMOVDQU Y6, off+96(DI)    \
	VMOVDQU Y1, off+128(DI)   \
	VMOVDQU Y3, off+160(DI)   \
	VMOVDQU Y5, off+192(DI)   \
	VMOVDQU Y7, off+224(DI)

// Two columns at off. A register holds two words of each of the two columns,
// Y0 the first half of a and Y1 the second, and so on; the diagonals are made
// across such a pair.
#define COLUMNS(off) \
	VMOVDQU off+0(DI), Y0        \
	VMOVDQU off+128(DI), Y1      \
	VMOVDQU off+256(DI), Y2      \
	VMOVDQU off+384(DI), Y3      \
	VMOVDQU off+512(DI), Y4      \
	VMOVDQU off+640(DI), Y5      \
	VMOVDQU off+768(DI), Y6      \
	VMOVDQU off+896(DI), Y7      \
	QUARTERS                     \
	VPALIGNR $8, Y2, Y3, Y8      \
	VPALIGNR $8, Y3, Y2, Y3      \
	VMOVDQA  Y8, Y2              \
	VMOVDQA  Y4, Y8              \
	VMOVDQA  Y5, Y4              \
	VMOVDQA  Y8, Y5              \
	VPALIGNR $8, Y7, Y6, Y8      \
	VPALIGNR $8, Y6, Y7, Y7      \
	VMOVDQA  Y8, Y6              \
	QUARTERS                     \
	VPALIGNR $8, Y3, Y2, Y8      \
	VPALIGNR $8, Y2, Y3, Y3      \
	VMOVDQA  Y8, Y2              \
	VMOVDQA  Y4, Y8              \
	VMOVDQA  Y5, Y4              \
	VMOVDQA  Y8, Y5              \
	VPALIGNR $8, Y6, Y7, Y8      \
	VPALIGNR $8, Y7, Y6, Y7      \
	VMOVDQA  Y8, Y6              \
	VMOVDQU Y0, off+0(DI)        \
	VMOVDQU Y1, off+128(DI)      \
	VMOVDQU Y2, off+256(DI)      \
	VMOVDQU Y3, off+384(DI)      \
	VMOVDQU Y4, off+512(DI)      \
	VMOVDQU Y5, off+640(DI)      \
	VMOVDQU Y6, off+768(DI)      \
	VMOVDQU Y7, off+896(DI)

// func mixAVX2(to, x, y, z *block, xor bool)
TEXT ·mixAVX2(SB), NOSPLIT, $0-33
	MOVQ    to+0(FP), R8
	MOVQ    x+8(FP), SI
	MOVQ    y+16(FP), DX
	MOVQ    z+24(FP), DI
	MOVBLZX xor+32(FP), AX
	VMOVDQU rotate24<>(SB), Y14
	VMOVDQU rotate16<>(SB), Y15
	XORQ    CX, CX
	TESTL   AX, AX
	JNZ     accumulate

overwrite:
	VMOVDQU (SI)(CX*1), Y0
	VPXOR   (DX)(CX*1), Y0, Y0
	VMOVDQU Y0, (DI)(CX*1)
	VMOVDQU Y0, (R8)(CX*1)
	ADDQ    $32, CX
	CMPQ    CX, $1024
	JNE     overwrite
	JMP     permute

accumulate:
	VMOVDQU (SI)(CX*1), Y0
	VPXOR   (DX)(CX*1), Y0, Y0
	VMOVDQU Y0, (DI)(CX*1)
	VPXOR   (R8)(CX*1), Y0, Y0
	VMOVDQU Y0, (R8)(CX*1)
	ADDQ    $32, CX
	CMPQ    CX, $1024
	JNE     accumulate

permute:
	ROWS(0)
	ROWS(256)
	ROWS(512)
	ROWS(768)
	COLUMNS(0)
	COLUMNS(32)
	COLUMNS(64)
	COLUMNS(96)

	XORQ CX, CX

finish:
	VMOVDQU (DI)(CX*1), Y0
	VPXOR   (R8)(CX*1), Y0, Y0
	VMOVDQU Y0, (R8)(CX*1)
	ADDQ    $32, CX
	CMPQ    CX, $1024
	JNE     finish
	VZEROUPPER
	RET
