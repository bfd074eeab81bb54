// iavl: the state tree of other ledgers under the same load as ours. Reads rounds of blocks on stdin (bench/support/iavl.hpp
// writes them), sets each block's keys, saves the version and answers with the round's updates a second, a line each, on stdout.
//
// usage: iavl memory|goleveldb FOLDER
//
// A round is its number of blocks, a block its number of pairs (32 bits each, little endian), a pair 32 bytes of key and 100 of value.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cosmos/iavl"
	dbm "github.com/cosmos/iavl/db"
)

const (
	keyBytes   = 32
	valueBytes = 100
	cacheNodes = 500_000
)

type pair struct{ key, value []byte }

func readBlock(in io.Reader) ([]pair, error) {
	var count uint32
	if err := binary.Read(in, binary.LittleEndian, &count); err != nil {
		return nil, err
	}
	block := make([]pair, count)
	for i := range block {
		both := make([]byte, keyBytes+valueBytes)
		if _, err := io.ReadFull(in, both); err != nil {
			return nil, err
		}
		block[i] = pair{both[:keyBytes:keyBytes], both[keyBytes:]}
	}
	return block, nil
}

// The clock runs while the tree works, not while the load is read.
func round(in io.Reader, tree *iavl.MutableTree) (float64, error) {
	var blocks uint32
	if err := binary.Read(in, binary.LittleEndian, &blocks); err != nil {
		return 0, err
	}
	updates, took := 0, time.Duration(0)
	for ; blocks > 0; blocks-- {
		block, err := readBlock(in)
		if err != nil {
			return 0, err
		}
		start := time.Now()
		for _, each := range block {
			if _, err := tree.Set(each.key, each.value); err != nil {
				return 0, err
			}
		}
		if _, _, err := tree.SaveVersion(); err != nil {
			return 0, err
		}
		took += time.Since(start)
		updates += len(block)
	}
	return float64(updates) / took.Seconds(), nil
}

func openTree(kind, folder string) (*iavl.MutableTree, error) {
	if kind == "memory" {
		return iavl.NewMutableTree(dbm.NewMemDB(), cacheNodes, false, iavl.NewNopLogger()), nil
	}
	db, err := dbm.NewGoLevelDB("iavl", folder)
	if err != nil {
		return nil, err
	}
	// Durable, as ours is.
	return iavl.NewMutableTree(db, cacheNodes, false, iavl.NewNopLogger(), iavl.SyncOption(true)), nil
}

func run(kind, folder string) error {
	tree, err := openTree(kind, folder)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		rate, err := round(in, tree)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Println(rate)
	}
}

func main() {
	if len(os.Args) != 3 || (os.Args[1] != "memory" && os.Args[1] != "goleveldb") {
		fmt.Fprintln(os.Stderr, "usage: iavl memory|goleveldb FOLDER")
		os.Exit(64)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "iavl:", err)
		os.Exit(1)
	}
}
