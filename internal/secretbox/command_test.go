package secretbox_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// keyCommand is a toy key service: it "wraps" by putting the context in front.
func keyCommand(behaviour string) int {
	var request struct {
		Operation, Context    string
		Plaintext, Ciphertext []byte
	}
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	switch behaviour {
	case "fails":
		fmt.Fprintln(os.Stderr, "access to the key is denied")
		return 1
	case "noise":
		fmt.Println(string(raw))
		return 0
	case "two":
		fmt.Println(`{"plaintext":"AAAA"} {}`)
		return 0
	case "nothing":
		fmt.Println(`{}`)
		return 0
	case "hangs":
		time.Sleep(time.Minute)
		return 0
	}
	reply := map[string][]byte{}
	if request.Operation == "wrap" {
		reply["ciphertext"] = append([]byte(request.Context+"|"), request.Plaintext...)
	} else {
		context, key, _ := strings.Cut(string(request.Ciphertext), "|")
		if context != request.Context {
			fmt.Fprintln(os.Stderr, "wrong context")
			return 1
		}
		reply["plaintext"] = []byte(key)
	}
	json.NewEncoder(os.Stdout).Encode(reply)
	return 0
}
