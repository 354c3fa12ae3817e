package credential

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/awsapi"
)

// record is the content of a session token. Times have whole seconds.
type record struct {
	kind     awsapi.PrincipalKind // AssumedRole, User, FederatedUser or Root
	account  string
	name     string // of the role or user, or the federated user's
	path     string // of the role or user
	entityID string // of the role or user; for a federated user, of the user who asked
	session  awsapi.Session
}

// caller returns the principal that the record describes.
func (r *record) caller() awsapi.Caller {
	c := awsapi.Caller{Kind: r.kind, Account: r.account, Name: r.name, EntityID: r.entityID, UserID: r.entityID, Session: &r.session}
	switch r.kind {
	case awsapi.AssumedRole:
		c.ARN = awsapi.STSARN(r.account, "assumed-role/"+r.name+"/"+r.session.Name)
		c.PrincipalARN = awsapi.IAMARN(r.account, "role"+r.path+r.name)
		c.UserID = r.entityID + ":" + r.session.Name
	case awsapi.User:
		c.ARN = awsapi.IAMARN(r.account, "user"+r.path+r.name)
		c.PrincipalARN = c.ARN
	case awsapi.FederatedUser:
		c.ARN = awsapi.STSARN(r.account, "federated-user/"+r.name)
		c.PrincipalARN = c.ARN
		c.UserID = r.account + ":" + r.name
	case awsapi.Root:
		c.ARN = awsapi.IAMARN(r.account, "root")
		c.PrincipalARN = c.ARN
		c.UserID = r.account
	}
	return c
}

// recordFormat is the first byte of every record. A change of the format gets
// a new number; the old one must stay readable for as long as the longest
// session lasts (36 hours).
const recordFormat = 1

// kinds numbers the principals; positions must never change.
var kinds = []awsapi.PrincipalKind{awsapi.Root, awsapi.User, awsapi.AssumedRole, awsapi.FederatedUser}

const (
	flagRestricted = 1 << iota
	flagMFA
)

// encode writes a record. packed is the packed form of session policies and
// tags, see pack. Whatever follows the record is filling, which decode skips.
func (r *record) encode(packed []byte) []byte {
	s := &r.session
	var flags byte
	if s.Restricted {
		flags |= flagRestricted
	}
	if s.MFAAuthenticated {
		flags |= flagMFA
	}
	w := writer{recordFormat, byte(slices.Index(kinds, r.kind)), flags}
	w.number(s.IssuedAt.Unix())
	w.number(s.ExpiresAt.Unix() - s.IssuedAt.Unix())
	w.text(r.account)
	w.text(r.name)
	w.text(r.path)
	w.text(r.entityID)
	w.text(s.Name)
	w.text(s.SourceIdentity)
	w.text(s.FederatedProvider)
	w.number(int64(s.ChainDepth))
	if s.MFAAuthenticated {
		w.number(s.MFAAt.Unix())
	}
	w.number(int64(len(s.Context)))
	for _, key := range slices.Sorted(maps.Keys(s.Context)) {
		w.text(key)
		w.texts(s.Context[key])
	}
	w.text(string(packed))
	return w
}

// errRecord says that a sealed token does not hold a record. Only a defect or
// a token of a newer release leads here, for nobody else can seal one.
var errRecord = errors.New("credential: not a session record")

// decode reads what encode wrote.
func decode(b []byte) (*record, error) {
	r := reader{rest: string(b)}
	if r.octet() != recordFormat {
		return nil, errRecord
	}
	kind, flags := int(r.octet()), r.octet()
	if kind >= len(kinds) {
		return nil, errRecord
	}
	rec := &record{kind: kinds[kind]}
	s := &rec.session
	s.Restricted = flags&flagRestricted != 0
	s.MFAAuthenticated = flags&flagMFA != 0
	issued := r.number()
	s.IssuedAt = time.Unix(issued, 0).UTC()
	s.ExpiresAt = time.Unix(issued+r.number(), 0).UTC()
	rec.account = r.text()
	rec.name = r.text()
	rec.path = r.text()
	rec.entityID = r.text()
	s.Name = r.text()
	s.SourceIdentity = r.text()
	s.FederatedProvider = r.text()
	s.ChainDepth = int(r.number())
	if s.MFAAuthenticated {
		s.MFAAt = time.Unix(r.number(), 0).UTC()
	}
	if n := r.length(); n > 0 {
		s.Context = make(map[string][]string, n)
		for range n {
			key := r.text()
			s.Context[key] = r.texts()
		}
	}
	packed := r.text()
	if r.bad {
		return nil, errRecord
	}
	if err := unpack(packed, s); err != nil {
		return nil, err
	}
	return rec, nil
}

// writer appends numbers and length-prefixed texts.
type writer []byte

func (w *writer) number(n int64) { *w = binary.AppendUvarint(*w, uint64(n)) }
func (w *writer) text(s string)  { w.number(int64(len(s))); *w = append(*w, s...) }
func (w *writer) texts(l []string) {
	w.number(int64(len(l)))
	for _, s := range l {
		w.text(s)
	}
}

// reader takes back what writer wrote. After the first fault bad is set and
// everything reads as empty. What it returns are parts of rest.
type reader struct {
	rest string
	bad  bool
}

func (r *reader) fail() { r.bad, r.rest = true, "" }

func (r *reader) octet() byte {
	if r.rest == "" {
		r.fail()
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) number() int64 {
	var n uint64
	for shift := 0; shift < 63; shift += 7 {
		b := r.octet()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return int64(n)
		}
	}
	r.fail()
	return 0
}

// length reads the number of things that follow. Each takes a byte at least,
// so no length can ask for more room than the record has.
func (r *reader) length() int {
	n := r.number()
	if n > int64(len(r.rest)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.length()
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) texts() []string {
	n := r.length()
	if n == 0 {
		return nil
	}
	l := make([]string, n)
	for i := range l {
		l[i] = r.text()
	}
	return l
}
