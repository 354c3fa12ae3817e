package secretbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Master wraps and unwraps data keys. The label names the key that is wrapped;
// unwrapping needs the same one.
type Master interface {
	// ID names the master key for operators: it is stored beside what it
	// wrapped, and gives nothing away.
	ID() string
	Wrap(ctx context.Context, key []byte, label string) ([]byte, error)
	Unwrap(ctx context.Context, wrapped []byte, label string) ([]byte, error)
}

// localMaster is a master key held in memory.
type localMaster struct {
	id     string
	cipher *xaes
}

// NewMaster returns a master of 32 raw bytes.
func NewMaster(key []byte) (Master, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("master key has %d bytes, want %d", len(key), keySize)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("cenote master key id"))
	return &localMaster{id: "key:" + hex.EncodeToString(mac.Sum(nil)[:8]), cipher: newXAES(key)}, nil
}

// ParseMaster returns the master of 32 bytes in base64 or hexadecimal, such as
// an environment value.
func ParseMaster(text string) (Master, error) {
	key, err := decodeKey(strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	return NewMaster(key)
}

// maxMasterFile bounds what is read of a master key file, in bytes.
const maxMasterFile = 1024

// ReadMaster returns the master in a file: 32 raw bytes, or their base64 or
// hexadecimal form. It does not mind who else can read the file; see Exposed.
func ReadMaster(path string) (Master, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read master key: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("master key file %s is not a file", path)
	}
	content, err := io.ReadAll(io.LimitReader(f, maxMasterFile+1))
	if err != nil {
		return nil, fmt.Errorf("read master key: %w", err)
	}
	if len(content) > maxMasterFile {
		return nil, fmt.Errorf("master key file %s has more than %d bytes: want 32 raw bytes or their base64", path, maxMasterFile)
	}
	if len(content) == keySize {
		return NewMaster(content)
	}
	m, err := ParseMaster(string(content))
	if err != nil {
		return nil, fmt.Errorf("master key file %s: %w", path, err)
	}
	return m, nil
}

// Exposed reports whether everybody on the machine may read or write a file.
// For a master key that is worth a warning and no more: containers are handed
// their secrets that way, where there is nobody else.
func Exposed(path string) bool {
	info, err := os.Stat(path)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o006 != 0
}

// EnsureMaster reads the master key file, or makes one with a random key that
// only its owner can read.
func EnsureMaster(path string) (Master, error) {
	m, err := ReadMaster(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return m, err
	}
	if err := CreateMaster(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return ReadMaster(path)
}

// CreateMaster writes a random master key to a new file. The key is on disk
// when it returns: data sealed under a key that a power cut then loses would
// be lost with it.
func CreateMaster(path string) error {
	// The file appears under its name whole or not at all.
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".master-*") // mode 0600
	if err != nil {
		return fmt.Errorf("create master key: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(Bytes(keySize)) + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Link(f.Name(), path) // unlike a rename, never replaces a key
	}
	if err != nil {
		return fmt.Errorf("create master key: %w", err)
	}
	if d, err := os.Open(dir); err == nil {
		d.Sync() // where the system can; the file itself is safe already
		d.Close()
	}
	return nil
}

// decodeKey reads 32 bytes as hexadecimal or as any form of base64.
func decodeKey(text string) ([]byte, error) {
	if key, err := hex.DecodeString(text); err == nil && len(key) == keySize {
		return key, nil
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if key, err := enc.DecodeString(text); err == nil {
			if len(key) != keySize {
				return nil, fmt.Errorf("master key has %d bytes, want %d", len(key), keySize)
			}
			return key, nil
		}
	}
	return nil, fmt.Errorf("master key is neither base64 nor hexadecimal of %d bytes (make one: head -c 32 /dev/urandom | base64)", keySize)
}

func (m *localMaster) ID() string { return m.id }

func (m *localMaster) Wrap(_ context.Context, key []byte, label string) ([]byte, error) {
	nonce := Bytes(nonceSize)
	return m.cipher.seal(append([]byte{formatVersion}, nonce...), nonce, key, []byte(label)), nil
}

func (m *localMaster) Unwrap(_ context.Context, wrapped []byte, label string) ([]byte, error) {
	if len(wrapped) < 1+nonceSize+tagSize || wrapped[0] != formatVersion {
		return nil, ErrSealed
	}
	rest := wrapped[1:]
	key, err := m.cipher.open(rest[:nonceSize], rest[nonceSize:], []byte(label))
	if err != nil {
		return nil, ErrSealed
	}
	return key, nil
}
