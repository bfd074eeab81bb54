// main.go FILE: what the ICS-23 verifier of Cosmos says to the cases of test/e2e/proofs. Prints ok / not ok lines.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	ics23 "github.com/cosmos/ics23/go"
)

type hexBytes []byte

func (b *hexBytes) UnmarshalText(text []byte) error {
	out, err := hex.DecodeString(string(text))
	*b = out
	return err
}

type testCase struct {
	Group string   `json:"group"`
	Kind  string   `json:"kind"`
	Root  hexBytes `json:"root"`
	Key   hexBytes `json:"key"`
	Value hexBytes `json:"value"`
	Proof hexBytes `json:"proof"`
	OK    bool     `json:"ok"`
}

var panics int

// The verifier panics at some proofs that nobody honest makes; that is a refusal too.
func accepts(c testCase) (yes bool) {
	defer func() {
		if recover() != nil {
			panics++
			yes = false
		}
	}()
	var proof ics23.CommitmentProof
	if proof.Unmarshal(c.Proof) != nil {
		return false
	}
	if c.Kind == "exist" {
		return ics23.VerifyMembership(ics23.TendermintSpec, ics23.CommitmentRoot(c.Root), &proof, c.Key, c.Value)
	}
	return ics23.VerifyNonMembership(ics23.TendermintSpec, ics23.CommitmentRoot(c.Root), &proof, c.Key)
}

func run(path string) (wrong []string, proofs int, lies int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, 0, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c testCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, 0, 0, err
		}
		if c.OK {
			proofs++
		} else {
			lies++
		}
		if accepts(c) != c.OK {
			wrong = append(wrong, fmt.Sprintf("%s (key %.50x)", c.Group, []byte(c.Key)))
		}
	}
	return wrong, proofs, lies, lines.Err()
}

func main() {
	const name = "Go github.com/cosmos/ics23/go v0.11.0"
	wrong, proofs, lies, err := run(os.Args[1])
	if err != nil {
		wrong = append(wrong, err.Error())
	} else if proofs < 2000 || lies < 500 {
		wrong = append(wrong, fmt.Sprintf("there are only %d proofs and %d lies", proofs, lies))
	}
	if len(wrong) == 0 {
		fmt.Printf("ok proofs: %s: %d proofs accepted, %d lies refused (%d of them by a panic)\n", name, proofs, lies, panics)
		return
	}
	for i, each := range wrong {
		if i < 5 {
			fmt.Printf("not ok proofs: %s: %s\n", name, each)
		}
	}
	os.Exit(1)
}
