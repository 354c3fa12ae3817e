package cognitoidentity_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/store/storetest"
)

// describe returns the providers of an identity, and whether lists hide it.
func (w *world) describe(poolID, identityID string) (logins []string, hidden bool) {
	w.t.Helper()
	c := w.root(alpha, west)
	out, err := c.DescribeIdentity(w.t.Context(), &ci.DescribeIdentityInput{IdentityId: &identityID})
	if err != nil {
		w.t.Fatal(err)
	}
	list, err := c.ListIdentities(w.t.Context(), &ci.ListIdentitiesInput{IdentityPoolId: &poolID, MaxResults: aws.Int32(60), HideDisabled: true})
	if err != nil {
		w.t.Fatal(err)
	}
	hidden = true
	for _, i := range list.Identities {
		hidden = hidden && *i.IdentityId != identityID
	}
	return out.Logins, hidden
}

// enter gets credentials and returns the identity that they are for.
func (w *world) enter(identityID string, logins map[string]string) (string, error) {
	out, err := w.anyone().GetCredentialsForIdentity(w.t.Context(), &ci.GetCredentialsForIdentityInput{IdentityId: &identityID, Logins: logins})
	if err != nil {
		return "", err
	}
	return *out.IdentityId, nil
}

func linkPool(w *world) string {
	id := w.pool(alpha, west, guests, trusting(westName, client), trusting(tokyoName, client))
	w.roles(alpha, west, id)
	return id
}

func TestGuestBecomesSomebody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := linkPool(w)
		guest := w.getID(id, nil)
		got, err := w.enter(guest, w.west("ann"))
		if err != nil || got != guest {
			t.Fatalf("%s, %v; want the guest's id %s kept", got, err, guest)
		}
		if again := w.getID(id, w.west("ann")); again != guest {
			t.Errorf("ann is %s, want %s", again, guest)
		}
		_, err = w.enter(guest, nil)
		want(t, "as a guest again", err, "NotAuthorizedException", "Access to Identity '"+guest+"' is forbidden.")
		if logins, hidden := w.describe(id, guest); hidden || cmp.Diff([]string{westName}, logins) != "" {
			t.Errorf("%v, hidden %v", logins, hidden)
		}
	})
}

func TestGuestTurnsOutToBeSomebody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := linkPool(w)
		ann, guest := w.getID(id, w.west("ann")), w.getID(id, nil)
		w.pass(time.Minute)
		got, err := w.enter(guest, w.west("ann"))
		if err != nil || got != ann {
			t.Fatalf("%s, %v; want %s", got, err, ann)
		}
		_, err = w.enter(guest, nil)
		want(t, "the guest", err, "NotAuthorizedException", "Access to Identity '"+guest+"' is forbidden.")
		if _, hidden := w.describe(id, guest); !hidden {
			t.Error("the guest is still listed")
		}
		if got, err := w.enter(guest, w.west("ann")); err != nil || got != ann {
			t.Errorf("naming the disabled one: %s, %v", got, err)
		}
		_, err = w.enter(guest, w.west("new"))
		want(t, "naming the disabled one with a new login", err, "NotAuthorizedException",
			"Logins don't match. Please include at least one valid login for this identity or identity pool.")
	})
}

func TestLoginsThatComeTogetherAreLinked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := linkPool(w)
		ann := w.getID(id, both(w.west("ann"), w.tokyo("ann-t")))
		for what, logins := range map[string]map[string]string{"west": w.west("ann"), "tokyo": w.tokyo("ann-t")} {
			if got := w.getID(id, logins); got != ann {
				t.Errorf("%s: %s, want %s", what, got, ann)
			}
		}
		if logins, _ := w.describe(id, ann); cmp.Diff([]string{tokyoName, westName}, logins) != "" {
			t.Errorf("logins %v", logins)
		}

		bob := w.getID(id, w.west("bob"))
		if got := w.getID(id, both(w.west("bob"), w.tokyo("bob-t"))); got != bob {
			t.Errorf("a login more: %s, want %s", got, bob)
		}
		_, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: both(w.west("bob"), w.tokyo("other-t"))})
		want(t, "a second login at one provider", err, "ResourceConflictException", "Logins are already linked to another account.")
		if got := w.getID(id, w.tokyo("other-t")); got == bob {
			t.Error("refused and linked")
		}
	})
}

func TestMerge(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := linkPool(w)
		older := w.getID(id, w.west("ann"))
		w.pass(time.Minute)
		younger := w.getID(id, w.tokyo("ann-t"))

		// The one that is named survives, although the other is older.
		got, err := w.enter(younger, both(w.west("ann"), w.tokyo("ann-t")))
		if err != nil || got != younger {
			t.Fatalf("%s, %v; want %s", got, err, younger)
		}
		for what, logins := range map[string]map[string]string{"west": w.west("ann"), "tokyo": w.tokyo("ann-t")} {
			if got := w.getID(id, logins); got != younger {
				t.Errorf("%s: %s, want %s", what, got, younger)
			}
			if got, err := w.enter(older, logins); err != nil || got != younger {
				t.Errorf("naming the other with %s: %s, %v", what, got, err)
			}
		}
		if logins, hidden := w.describe(id, older); len(logins) > 0 || !hidden {
			t.Errorf("the other: %v, hidden %v", logins, hidden)
		}

		// Without a name it is the older.
		older = w.getID(id, w.west("bob"))
		w.pass(time.Minute)
		w.getID(id, w.tokyo("bob-t"))
		if got := w.getID(id, both(w.west("bob"), w.tokyo("bob-t"))); got != older {
			t.Errorf("%s, want %s", got, older)
		}

		// Two people who have a login at the same provider stay two.
		eve := w.getID(id, both(w.west("eve"), w.tokyo("eve-t")))
		_, err = w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: both(w.west("bob"), w.tokyo("eve-t"))})
		want(t, "two of a provider", err, "ResourceConflictException", "Logins are already linked to another account.")
		if got := w.getID(id, w.west("eve")); got != eve {
			t.Errorf("eve is %s, was %s", got, eve)
		}
	})
}

func TestUnlink(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := linkPool(w)
		ann := w.getID(id, both(w.west("ann"), w.tokyo("ann-t")))
		unlink := func(identity string, logins map[string]string, remove ...string) error {
			_, err := w.anyone().UnlinkIdentity(t.Context(), &ci.UnlinkIdentityInput{IdentityId: &identity, Logins: logins, LoginsToRemove: remove})
			return err
		}
		const dontMatch = "Logins don't match. Please include at least one valid login for this identity or identity pool."
		want(t, "by somebody else", unlink(ann, w.west("bob"), westName), "NotAuthorizedException", dontMatch)
		want(t, "with a bad token", unlink(ann, map[string]string{westName: "x"}, westName), "NotAuthorizedException", "Invalid login token. Not a valid OpenId Connect identity token.")
		if err := unlink(ann, w.west("ann"), tokyoName); err != nil {
			t.Fatal(err)
		}
		want(t, "twice", unlink(ann, w.west("ann"), tokyoName), "InvalidParameterException", "The identity has no login with "+tokyoName+".")
		if got := w.getID(id, w.tokyo("ann-t")); got == ann {
			t.Error("still linked")
		}
		if err := unlink(ann, w.west("ann"), westName); err != nil {
			t.Fatal(err)
		}
		_, err := w.enter(ann, nil)
		want(t, "without its last login", err, "NotAuthorizedException", "Access to Identity '"+ann+"' is forbidden.")
		if got := w.getID(id, w.west("ann")); got == ann {
			t.Error("an identity that lost its logins came back")
		}
	})
}

func TestIdentityBrowser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := linkPool(w)
		c := w.root(alpha, west)
		made := map[string]bool{}
		for n := range 5 {
			made[w.getID(id, w.west(fmt.Sprint("user ", n)))] = true
		}
		theirs := w.pool(beta, west, guests)
		foreign := w.getID(theirs, nil)
		seen := map[string]bool{}
		var token *string
		for {
			out, err := c.ListIdentities(t.Context(), &ci.ListIdentitiesInput{IdentityPoolId: &id, MaxResults: aws.Int32(2), NextToken: token})
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range out.Identities {
				seen[*i.IdentityId] = true
				if !i.CreationDate.Equal(w.now()) || !i.LastModifiedDate.Equal(w.now()) || cmp.Diff([]string{westName}, i.Logins) != "" {
					t.Errorf("%+v", i)
				}
			}
			if token = out.NextToken; token == nil {
				break
			}
			_, err = c.ListIdentities(t.Context(), &ci.ListIdentitiesInput{IdentityPoolId: &id, MaxResults: aws.Int32(2), NextToken: token, HideDisabled: true})
			want(t, "token of another list", err, "InvalidParameterException", "Invalid pagination token given.")
		}
		if diff := cmp.Diff(made, seen); diff != "" {
			t.Error(diff)
		}

		_, err := c.DescribeIdentity(t.Context(), &ci.DescribeIdentityInput{IdentityId: &foreign})
		want(t, "another account's", err, "NotAuthorizedException", "Access to Identity '"+foreign+"' is forbidden.")
		var some string
		for some = range made {
		}
		_, err = w.root(alpha, tokyo).DescribeIdentity(t.Context(), &ci.DescribeIdentityInput{IdentityId: &some})
		want(t, "another region", err, "ResourceNotFoundException", "Identity '"+some+"' not found.")

		ghost := west + ":00000000-0000-4000-8000-000000000000"
		out, err := c.DeleteIdentities(t.Context(), &ci.DeleteIdentitiesInput{IdentityIdsToDelete: []string{some, ghost, foreign}})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.UnprocessedIdentityIds) != 1 || *out.UnprocessedIdentityIds[0].IdentityId != foreign || out.UnprocessedIdentityIds[0].ErrorCode != "AccessDenied" {
			t.Errorf("%+v", out.UnprocessedIdentityIds)
		}
		_, err = c.DescribeIdentity(t.Context(), &ci.DescribeIdentityInput{IdentityId: &some})
		want(t, "deleted", err, "ResourceNotFoundException", "Identity '"+some+"' not found.")
		if _, err := w.enter(foreign, nil); err != nil {
			want(t, "the other account's guest", err, "InvalidIdentityPoolConfigurationException", badPool) // it has no roles
		}
	})
}

// TestManyAtOnce: first sign-ins of one person race for one identity.
func TestManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, logins := linkPool(w), w.west("ann")
		ids := make([]string, 12)
		var wg sync.WaitGroup
		for n := range ids {
			wg.Go(func() {
				out, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: logins})
				if err != nil {
					t.Error(err)
					return
				}
				ids[n] = *out.IdentityId
			})
		}
		wg.Wait()
		for _, got := range ids {
			if got != ids[0] {
				t.Fatalf("several identities: %v", ids)
			}
		}
	})
}

// TestIdentitiesNeverSplit drives random sign-ins and checks what must always
// hold: a login leads to one identity, the one that the last successful request
// with it answered; and an identity that has logins never opens without one.
func TestIdentitiesNeverSplit(t *testing.T) {
	w := newWorld(t, storetest.Memory(t), options{})
	logins := map[string]map[string]string{} // by name; their tokens are slow to make
	for n := 1; n <= 3; n++ {
		logins[fmt.Sprint("w", n)] = w.west(fmt.Sprint("w", n))
		logins[fmt.Sprint("t", n)] = w.tokyo(fmt.Sprint("t", n))
	}
	id := linkPool(w)
	rapid.Check(t, func(rt *rapid.T) {
		list, err := w.root(alpha, west).ListIdentities(t.Context(), &ci.ListIdentitiesInput{IdentityPoolId: &id, MaxResults: aws.Int32(60)})
		if err != nil {
			rt.Fatal(err)
		}
		for _, i := range list.Identities {
			if _, err := w.root(alpha, west).DeleteIdentities(t.Context(), &ci.DeleteIdentitiesInput{IdentityIdsToDelete: []string{*i.IdentityId}}); err != nil {
				rt.Fatal(err)
			}
		}
		home := map[string]string{} // identity by login
		var ids []string
		for range rapid.IntRange(1, 10).Draw(rt, "steps") {
			var names []string
			for _, provider := range []string{"w", "t"} {
				if n := rapid.IntRange(0, 3).Draw(rt, provider); n > 0 {
					names = append(names, fmt.Sprint(provider, n))
				}
			}
			var sent map[string]string
			for _, n := range names {
				sent = both(sent, logins[n])
			}
			var got string
			if len(ids) > 0 && rapid.Bool().Draw(rt, "named") {
				if got, err = w.enter(rapid.SampledFrom(ids).Draw(rt, "identity"), sent); err != nil {
					continue
				}
			} else {
				out, err := w.anyone().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id, Logins: sent})
				if err != nil {
					continue
				}
				got = *out.IdentityId
			}
			ids = append(ids, got)
			merged := map[string]bool{}
			for _, n := range names {
				merged[home[n]] = true
				home[n] = got
			}
			for n, h := range home { // merged identities move as a whole
				if merged[h] {
					home[n] = got
				}
			}
		}
		for n, h := range home {
			if now := w.getID(id, logins[n]); now != h {
				rt.Fatalf("%s is %s, was %s", n, now, h)
			}
			if _, err := w.enter(h, nil); err == nil {
				rt.Fatalf("%s opens without a login", h)
			}
		}
	})
}
