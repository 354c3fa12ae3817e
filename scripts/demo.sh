#!/usr/bin/env bash
# Plays the founding story with the AWS CLI against a server of its own: a user
# pool in us-west-2, an identity pool in ap-northeast-1, a person who signs in
# at the one and gets AWS credentials from the other.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$(mktemp -d)
./bin/cenote dev --listen localhost:0 --data :memory: --ready-file "$dir/ready" >"$dir/out" 2>"$dir/log" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
for _ in $(seq 200); do [ -s "$dir/ready" ] && break; sleep 0.05; done
url=$(sed -n 's/.*"URL": *"\([^"]*\)".*/\1/p' "$dir/ready")
[ -n "$url" ] || { cat "$dir/out" "$dir/log"; exit 1; }

# The AWS CLI before 2.13 and 1.29 does not know AWS_ENDPOINT_URL, so it is told each time.
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_PAGER='' AWS_EC2_METADATA_DISABLED=true
unset AWS_SESSION_TOKEN AWS_PROFILE AWS_ENDPOINT_URL

say() { printf '\n# %s\n' "$*"; }
# run prints a command as a person would type it, runs it and prints its answer.
run() {
  printf '$ aws'
  for word in "$@"; do
    case $word in
      *[![:alnum:]_./:=,@-]*) if [ ${#word} -gt 100 ]; then printf " '%s…'" "${word:0:60}"; else printf " '%s'" "$word"; fi ;;
      *) if [ ${#word} -gt 160 ]; then printf ' %s…' "${word:0:110}"; else printf ' %s' "$word"; fi ;;
    esac
  done
  printf '\n'
  answer=$(aws --endpoint-url "$url" "$@")
  if [ ${#answer} -gt 400 ]; then printf '%s…\n' "${answer:0:100}"; elif [ -n "$answer" ]; then printf '%s\n' "$answer"; fi
}
trust() {
  printf '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"%s"},"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"%s"}}}]}' "$1" "$2"
}

say 'A user pool in us-west-2, an app client, a user'
export AWS_DEFAULT_REGION=us-west-2
run cognito-idp create-user-pool --pool-name demo --query UserPool.Id --output text; pool=$answer
run cognito-idp create-user-pool-client --user-pool-id "$pool" --client-name app --explicit-auth-flows ADMIN_NO_SRP_AUTH --query UserPoolClient.ClientId --output text; client=$answer
run cognito-idp admin-create-user --user-pool-id "$pool" --username alice --message-action SUPPRESS --query User.UserStatus --output text
run cognito-idp admin-set-user-password --user-pool-id "$pool" --username alice --password Correct-Horse-1 --permanent

say 'She signs in and gets an ID token'
run cognito-idp admin-initiate-auth --user-pool-id "$pool" --client-id "$client" --auth-flow ADMIN_NO_SRP_AUTH --auth-parameters USERNAME=alice,PASSWORD=Correct-Horse-1 --query AuthenticationResult.IdToken --output text; token=$answer

say 'An identity pool in ap-northeast-1 trusts that user pool'
export AWS_DEFAULT_REGION=ap-northeast-1
provider=cognito-idp.us-west-2.amazonaws.com/$pool
run cognito-identity create-identity-pool --identity-pool-name demo --allow-unauthenticated-identities --cognito-identity-providers "ProviderName=$provider,ClientId=$client" --query IdentityPoolId --output text; identity_pool=$answer
run iam create-role --role-name app-auth --assume-role-policy-document "$(trust "$identity_pool" authenticated)" --query Role.Arn --output text; auth=$answer
run iam create-role --role-name app-guest --assume-role-policy-document "$(trust "$identity_pool" unauthenticated)" --query Role.Arn --output text; guest=$answer
run cognito-identity set-identity-pool-roles --identity-pool-id "$identity_pool" --roles "authenticated=$auth,unauthenticated=$guest"

say 'The token becomes an identity, the identity becomes temporary keys'
run cognito-identity get-id --identity-pool-id "$identity_pool" --logins "$provider=$token" --query IdentityId --output text; identity=$answer
printf '$ aws cognito-identity get-credentials-for-identity --identity-id %s --logins %s=… \n' "$identity" "$provider"
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN < <(aws --endpoint-url "$url" cognito-identity get-credentials-for-identity --identity-id "$identity" --logins "$provider=$token" --query 'Credentials.[AccessKeyId,SecretKey,SessionToken]' --output text)
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
printf '%s  …\n' "$AWS_ACCESS_KEY_ID"

say 'Who is that?'
run sts get-caller-identity --query Arn --output text

say 'And what the role does not allow is refused'
printf '$ aws cognito-idp list-user-pools --max-results 1 --region us-west-2\n'
aws --endpoint-url "$url" cognito-idp list-user-pools --max-results 1 --region us-west-2 2>&1 | sed '/^$/d' || true
