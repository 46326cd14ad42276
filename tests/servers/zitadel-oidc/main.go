// The example server of zitadel/oidc, on loopback. Its own main listens everywhere.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The example's storage, but for two things: the service user has other keys, since its own has
// 1024 bits, and its tokens are JWTs. All other tokens are encrypted.
type walked struct {
	*storage.Storage
	keys jose.JSONWebKeySet
}

func (s walked) GetKeyByIDAndClientID(
	_ context.Context,
	keyID, clientID string,
) (*jose.JSONWebKey, error) {
	found := s.keys.Key(keyID)
	if clientID != storage.ServiceUserID || len(found) == 0 {
		return nil, fmt.Errorf("there is no key %s of %s", keyID, clientID)
	}
	return &found[0], nil
}

func (walked) JWTProfileTokenType(context.Context, op.TokenRequest) (op.AccessTokenType, error) {
	return op.AccessTokenTypeJWT, nil
}

func main() {
	address, redirectURI, keys := os.Args[1], os.Args[2], os.Args[3]
	issuer := "http://" + address
	storage.RegisterClients(storage.WebClient("web", "secret", redirectURI))
	store := walked{Storage: storage.NewStorage(storage.NewUserStore(issuer))}
	if err := json.Unmarshal([]byte(keys), &store.keys); err != nil {
		log.Fatal(err)
	}
	router := exampleop.SetupServer(issuer, store, slog.Default(), false)
	log.Fatal(http.ListenAndServe(address, router))
}
