package sdk

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/awsapi/cognitoidp"
)

// Every operation of user pools that works is asked somewhere in this suite:
// with an input of the SDK, or by its name where the SDK does not have it.
func TestEveryOperationIsAsked(t *testing.T) {
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	asked, named := map[string]bool{}, map[string]bool{}
	for _, name := range files {
		file := must(parser.ParseFile(token.NewFileSet(), name, nil, 0))(t)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if of, ok := n.X.(*ast.Ident); ok && of.Name == "idp" {
					asked[n.Sel.Name] = true
				}
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil {
					named[text] = true
				}
			}
			return true
		})
	}
	w := development(t)
	for _, op := range cognitoidp.Service.Operations {
		_, inSDK := reflect.TypeFor[*idp.Client]().MethodByName(op.Name)
		if asked[op.Name+"Input"] || named[op.Name] && !inSDK {
			continue
		}
		if _, code, _ := w.ask(t, w.alpha, op.Name, least(t, op.Input)); code != "UnknownOperationException" {
			t.Errorf("%s works (it answers %q), and nothing here asks it", op.Name, code)
		}
	}
}
