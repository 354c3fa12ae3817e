package config

import (
	"net/netip"
	"time"
)

// Mode is what the process is for. The two modes run the same code; design
// choices that differ between them are listed in docs/operations/modes.md.
type Mode string

// The modes.
const (
	Dev   Mode = "dev"   // laptop and CI
	Serve Mode = "serve" // production
)

// Defaults of `cenote dev`.
const (
	DevListen = "localhost:2366"
	DevData   = "./.cenote"
	InMemory  = ":memory:"
)

// Storage says where a deployment's data is and which key opens it. Every
// command that touches data takes it.
type Storage struct {
	Data             string `help:"Data directory of the embedded database; :memory: keeps nothing." placeholder:"DIR" env:"CENOTE_DATA"`
	Database         string `help:"PostgreSQL URL, instead of --data." placeholder:"URL" env:"CENOTE_DATABASE"`
	MasterKeyFile    string `help:"File with the 32-byte master key (raw, hexadecimal or base64)." placeholder:"FILE" env:"CENOTE_MASTER_KEY_FILE"`
	MasterKey        string `kong:"-"` // from CENOTE_MASTER_KEY: a secret does not belong on a command line
	MasterKeyCommand string `help:"Command that wraps and unwraps data keys with a key it keeps (JSON on standard input and output)." placeholder:"CMD" env:"CENOTE_MASTER_KEY_COMMAND"`
}

// Server are the settings of `cenote dev` and `cenote serve`.
type Server struct {
	Storage `embed:""`

	Listen         string         `help:"Address to listen on (dev: localhost:2366)." placeholder:"ADDR" env:"CENOTE_LISTEN"`
	AdminListen    string         `help:"Address for metrics and profiles, for operators alone; nothing is served there without it." placeholder:"ADDR" env:"CENOTE_ADMIN_LISTEN"`
	PublicURL      string         `help:"URL that clients reach this deployment under; issuers start with it." placeholder:"URL" env:"CENOTE_PUBLIC_URL"`
	TLSCert        string         `help:"PEM certificate chain to serve HTTPS with." placeholder:"FILE" env:"CENOTE_TLS_CERT"`
	TLSKey         string         `help:"PEM key of that certificate." placeholder:"FILE" env:"CENOTE_TLS_KEY"`
	TrustedProxies []netip.Prefix `help:"Networks whose X-Forwarded-For and -Proto are believed." placeholder:"CIDR" env:"CENOTE_TRUSTED_PROXIES"`

	Region  string   `help:"Region of requests that name none." default:"us-east-1" env:"CENOTE_REGION"`
	Regions []string `help:"Serve only these regions (default: all)." placeholder:"REGION" env:"CENOTE_REGIONS"`

	IssuerMode      string   `help:"Form of token issuers unless a pool says otherwise: ${enum}." enum:"path,aws" default:"path" env:"CENOTE_ISSUER_MODE"`
	Peer            []string `help:"Another deployment whose user pools may be trusted: REGION=URL for its pools of a region, or ISSUER=URL for one issuer." placeholder:"NAME=URL" env:"CENOTE_PEER"`
	TrustAWSIssuers bool     `help:"Let identity pools trust user pools on AWS itself." env:"CENOTE_TRUST_AWS_ISSUERS"`
	LoginProvider   []string `help:"Where a public login provider is reached, if not at its own address: NAME is the key that identity pools have for it, such as graph.facebook.com." placeholder:"NAME=URL" env:"CENOTE_LOGIN_PROVIDER"`
	GuestAction     []string `help:"Action of a service of your own, such as notes:*, that roles may allow guests of identity pools beside those that AWS lets guests have." placeholder:"ACTION" env:"CENOTE_GUEST_ACTION"`
	PeerCAFile      string   `help:"PEM certificates to trust, beside the system's, when fetching issuers' keys." placeholder:"FILE" env:"CENOTE_PEER_CA_FILE"`

	Trigger               []string `help:"What stands behind a Lambda function that user pools name: NAME is its ARN (with * for any characters) or its bare name; TARGET is an http(s) URL that takes the event and returns it, lambda:URL for an Invoke API, or, in dev, exec:COMMAND. In the variable, separated by semicolons." placeholder:"NAME=TARGET" sep:";" env:"CENOTE_TRIGGER"`
	TriggerSecretFile     string   `help:"File with the secret that events to http(s) URLs are signed with." placeholder:"FILE" env:"CENOTE_TRIGGER_SECRET_FILE"`
	LambdaEndpoint        string   `help:"Invoke API of all Lambda functions that no --trigger names; {region} stands for the function's region." placeholder:"URL" env:"CENOTE_LAMBDA_ENDPOINT"`
	LambdaCredentialsFile string   `help:"File with the AWS credentials that calls of Invoke APIs are signed with, in the JSON of AWS's credential_process; read anew for every call." placeholder:"FILE" env:"CENOTE_LAMBDA_CREDENTIALS_FILE"`

	SMTP             string   `name:"smtp" help:"Mail server that e-mails go to: smtp://[USER@]HOST[:587] (STARTTLS required), smtps://[USER@]HOST[:465] (TLS from the first byte), or smtp+plain://HOST[:25] (in clear, to this machine alone)." placeholder:"URL" env:"CENOTE_SMTP"`
	SMTPPasswordFile string   `name:"smtp-password-file" help:"File with the password of the user in --smtp." placeholder:"FILE" env:"CENOTE_SMTP_PASSWORD_FILE"`
	EmailFrom        string   `help:"Whom e-mails are from: an address, or \"NAME <ADDRESS>\"." placeholder:"ADDRESS" env:"CENOTE_EMAIL_FROM"`
	EmailDomains     []string `help:"Addresses, and domains for all theirs, that user pools may name as the sender of their e-mails." placeholder:"NAME" env:"CENOTE_EMAIL_DOMAINS"`
	SMSWebhook       string   `name:"sms-webhook" help:"URL that sends text messages: a signed POST with JSON." placeholder:"URL" env:"CENOTE_SMS_WEBHOOK"`
	SMSSecretFile    string   `name:"sms-secret-file" help:"File with the secret that requests to --sms-webhook are signed with." placeholder:"FILE" env:"CENOTE_SMS_SECRET_FILE"`
	OutboxOnly       bool     `help:"Keep messages that no sender is set for, instead of refusing to write them (always so in dev)." env:"CENOTE_OUTBOX_ONLY"`

	RateLimit float64 `help:"Calls a second that one address may make (0: no limit)." default:"0" env:"CENOTE_RATE_LIMIT"`

	AuditDays int `help:"Days that audit records are kept (0: for ever)." default:"365" env:"CENOTE_AUDIT_DAYS"`

	LogLevel     string        `help:"${enum}." enum:"debug,info,warn,error" default:"info" env:"CENOTE_LOG_LEVEL"`
	LogFormat    string        `help:"${enum}; auto is text on a terminal." enum:"auto,json,text" default:"auto" env:"CENOTE_LOG_FORMAT"`
	ReadyFile    string        `help:"File to write address and process id to, once ready." placeholder:"FILE" env:"CENOTE_READY_FILE"`
	DrainTimeout time.Duration `help:"How long open requests may take after a stop signal." default:"20s" env:"CENOTE_DRAIN_TIMEOUT"`
}
