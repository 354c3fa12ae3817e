package smtp

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/cenote-id/cenote/internal/message"
)

// compose writes the MIME message: text and HTML, both quoted-printable.
// Header values that are not plain ASCII, or hold control characters, are
// encoded, so nothing that a pool or a user chose begins a line of its own.
func (s *Mailer) compose(m message.Mail) (*gomail.Msg, error) {
	to, err := address(m.To)
	if err != nil {
		return nil, &message.Failure{Reason: "not an address that mail can go to", Final: true}
	}
	msg := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP), gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&m.From)
	msg.ToMailAddress(to)
	if m.ReplyTo != "" {
		reply, err := address(m.ReplyTo)
		if err != nil {
			return nil, &message.Failure{Reason: "ReplyToEmailAddress of the user pool is no address", Final: true}
		}
		msg.ReplyToMailAddress(reply)
	}
	_, domain, _ := strings.Cut(m.From.Address, "@")
	msg.SetMessageIDWithValue(m.ID + "@" + domain)
	msg.SetDateWithValue(m.Date)
	// Nobody is there who would read an answer of a machine (RFC 3834 §5).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.Subject(m.Subject)
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}

// address reads an address that is nothing else: no name, no list, no quotes.
func address(text string) (*mail.Address, error) {
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || a.Name != "" {
		return nil, errors.New("not an address")
	}
	return a, nil
}

// failure says what went wrong. A server that refuses for good (5xx) refuses
// again; everything else may pass.
func failure(doing string, err error) *message.Failure {
	f := &message.Failure{Reason: doing + ": no answer", Cause: err}
	reply, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		reply, ok = replyIn(err)
	}
	_, refused := errors.AsType[*net.OpError](err)
	switch {
	case ok:
		f.Reason = fmt.Sprintf("%s: SMTP %d", doing, reply.Code)
		f.Detail = message.Scrub(reply.Msg)
		// What is wrong with the connection or the account is wrong for all
		// messages alike, and the operator can put it right.
		f.Final = reply.Code >= 500 && doing == "send"
	case refused:
		f.Reason = doing + ": the connection failed"
	case doing == "connect":
		f.Reason = "connect: " + message.Scrub(err.Error())
	}
	return f
}

// replyIn finds the server's reply in the text of an error that does not say
// it otherwise: a code, and the first line of words in quotes.
func replyIn(err error) (*textproto.Error, bool) {
	e, ok := errors.AsType[*gomail.SendError](err)
	if !ok || e.ErrorCode() == 0 {
		return nil, false
	}
	code := strconv.Itoa(e.ErrorCode())
	_, words, _ := strings.Cut(e.Error(), ": "+code+" ")
	if quoted, err := strconv.QuotedPrefix(words); err == nil {
		words, _ = strconv.Unquote(quoted)
	} else {
		words, _, _ = strings.Cut(words, ", ")
	}
	return &textproto.Error{Code: e.ErrorCode(), Msg: words}, true
}
