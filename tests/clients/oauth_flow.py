"""Logs a person in with Authlib, an OAuth and OpenID Connect client library, as an app does.

The library builds the authorization URL, reads the redirect, exchanges the code, refreshes the token and verifies the
id_token. oauth_flow.sh runs it: oauth_flow.py ORIGIN DIRECTORY_TOKEN
"""

import os
import sys
import urllib.parse

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import jwt
from authlib.oidc.core import CodeIDToken, ImplicitIDToken

# The mock serves HTTP without TLS, which the library allows only with this setting.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
ORIGIN, DIRECTORY = sys.argv[1:]
AUTHORIZE, TOKEN = ORIGIN + "/app/oauth/authorize", ORIGIN + "/oauth/token"
CALLBACK = "https://tides.example.com/callback"
OWNER = "clara.moreau@harmony.example.com"


def expect(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found!r} instead of {expected!r}")


def session(app, **settings):
    """Returns the library's session of an app. The API expects the secret in the body."""
    defaults = {"redirect_uri": CALLBACK, "token_endpoint_auth_method": "client_secret_post"}
    return OAuth2Session(app["client_id"], app["client_secret"], **{**defaults, **settings})


def browse(url):
    """Opens the URL as a browser does, without following the redirect to the app."""
    return requests.get(url, allow_redirects=False, timeout=20)


def redirect_of(url):
    """Opens the URL and returns the location of the redirect, which must be the app's callback."""
    response = browse(url)
    expect("status of the redirect", response.status_code, 302)
    location = response.headers["Location"]
    expect("target of the redirect", location.split("?")[0].split("#")[0], CALLBACK)
    return location


def expect_error(what, code, exchange):
    """Checks that a token request fails with this OAuth error code."""
    try:
        exchange()
    except OAuthError as error:
        expect(what, error.error, code)
        print(f"rejected: {what}: {code}")
        return
    sys.exit(f"{what} was accepted")


registration = {"name": "Tides", "redirect_uri": CALLBACK, "scopes": ["openid"]}
headers = {"Authorization": f"Bearer {DIRECTORY}"}
response = requests.post(ORIGIN + "/platform/v1/apps", json=registration, headers=headers, timeout=20)
expect("status of the registration", response.status_code, 201)
app = response.json()["data"]
print("registered an app")

verifier, nonce = generate_token(48), generate_token(20)
library = session(app, scope="openid email", code_challenge_method="S256")
url, state = library.create_authorization_url(AUTHORIZE, code_verifier=verifier, nonce=nonce)
location = redirect_of(url)
code = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)["code"][0]
print("authorized: the redirect carries a code")

expect_error(
    "another redirect URI",
    "invalid_grant",
    lambda: session(app, redirect_uri=CALLBACK + "/other").fetch_token(TOKEN, code=code, code_verifier=verifier),
)
expect_error(
    "a guessed verifier",
    "invalid_grant",
    lambda: session(app).fetch_token(TOKEN, code=code, code_verifier=generate_token(48)),
)
guess = {**app, "client_secret": "guessed"}
expect_error(
    "a guessed secret", "invalid_client", lambda: session(guess).fetch_token(TOKEN, code=code, code_verifier=verifier)
)

# The library compares the state and reads the code.
token = library.fetch_token(TOKEN, authorization_response=location, state=state, code_verifier=verifier)
expect("type of the token", token["token_type"], "Bearer")
print("exchanged the code for a token")

claims = jwt.decode(
    token["id_token"],
    app["client_secret"],
    claims_cls=CodeIDToken,
    claims_options={"aud": {"values": [app["client_id"]]}},
    claims_params={"nonce": nonce, "client_id": app["client_id"]},
)
claims.validate()
expect("email of the person", claims["email"], OWNER)
print(f"verified the id_token of {claims['email']}")

clients = library.get(ORIGIN + "/platform/v1/clients", timeout=20)
expect("status of a request with the token", clients.status_code, 200)
userinfo = library.get(ORIGIN + "/oauth/userinfo", timeout=20).json()
expect("subject", userinfo["sub"], claims["sub"])
print(f"called the API with the token: {len(clients.json()['data']['clients'])} clients")

first = token["access_token"]
renewed = library.refresh_token(TOKEN)
expect("the same token after a refresh", renewed["access_token"] == first, False)
clients = library.get(ORIGIN + "/platform/v1/clients", timeout=20)
expect("status of a request with the new token", clients.status_code, 200)
print("refreshed the token and called the API with it")
expect_error("a guessed refresh token", "invalid_grant", lambda: session(app).refresh_token(TOKEN, "guessed"))
expect_error(
    "a used code", "invalid_grant", lambda: session(app).fetch_token(TOKEN, code=code, code_verifier=verifier)
)
expect_error("a revoked refresh token", "invalid_grant", lambda: library.refresh_token(TOKEN))

basic = session(app, token_endpoint_auth_method="client_secret_basic")
expect("token by HTTP Basic", "access_token" in basic.fetch_token(TOKEN, grant_type="client_credentials"), True)
machine = session(app).fetch_token(TOKEN, grant_type="client_credentials")
expect("refresh token of a client_credentials token", machine.get("refresh_token"), None)
print("got a client_credentials token")

url, state = session(app, scope="openid").create_authorization_url(AUTHORIZE, response_type="id_token", nonce=nonce)
fragment = urllib.parse.parse_qs(urllib.parse.urlsplit(redirect_of(url)).fragment)
expect("state", fragment["state"], [state])
claims = jwt.decode(
    fragment["id_token"][0],
    app["client_secret"],
    claims_cls=ImplicitIDToken,
    claims_params={"nonce": nonce, "client_id": app["client_id"]},
)
claims.validate()
expect("email of the person", claims["email"], OWNER)
print("got an id_token in the fragment (implicit flow)")

url, _ = session({**app, "client_id": "guessed"}).create_authorization_url(AUTHORIZE)
response = browse(url)
expect("an unknown client", (response.status_code, response.json()["error"]), (401, "invalid_client"))
expect("redirect of an unknown client", response.headers.get("Location"), None)
print("rejected: an unknown client, without a redirect")
url, _ = session(app, redirect_uri="https://elsewhere.example.com").create_authorization_url(AUTHORIZE)
response = browse(url)
expect("an unregistered redirect URI", (response.status_code, response.json()["error"]), (400, "invalid_request"))
expect("redirect to an unregistered URI", response.headers.get("Location"), None)
print("rejected: an unregistered redirect URI, without a redirect")
url, state = session(app).create_authorization_url(AUTHORIZE, response_type="token")
query = urllib.parse.parse_qs(urllib.parse.urlsplit(redirect_of(url)).query)
expect("error and state", (query["error"], query["state"]), (["unsupported_response_type"], [state]))
print("rejected: an unsupported response type, in the redirect")

print("OAuth flow: all steps passed")
