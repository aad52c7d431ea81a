"""Logs a person in with Authlib, an OAuth and OpenID Connect client library, as an app would do it.

The library builds the URL to which the browser goes, reads the redirect, exchanges the code, renews the token and
verifies the id_token. It is run by oauth_flow.sh: oauth_flow.py ORIGIN DIRECTORY_TOKEN
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

# The mock speaks HTTP without TLS, which the library wants to be told.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
ORIGIN, DIRECTORY = sys.argv[1:]
AUTHORIZE, TOKEN = ORIGIN + "/app/oauth/authorize", ORIGIN + "/oauth/token"
CALLBACK = "https://tides.example.com/callback"
OWNER = "clara.moreau@harmony.example.com"


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what} is {found!r} and not {wanted!r}")


def session(app, **settings):
    """The library as an app sets it up; the API wants the secret in the body."""
    known = {"redirect_uri": CALLBACK, "token_endpoint_auth_method": "client_secret_post"}
    return OAuth2Session(app["client_id"], app["client_secret"], **{**known, **settings})


def browse(url):
    """What a browser does with the URL, up to the redirect to the app."""
    return requests.get(url, allow_redirects=False, timeout=20)


def back(url):
    answer = browse(url)
    expect("the status of the redirect", answer.status_code, 302)
    location = answer.headers["Location"]
    expect("the place of the redirect", location.split("?")[0].split("#")[0], CALLBACK)
    return location


def refused(what, error, exchange):
    try:
        exchange()
    except OAuthError as refusal:
        expect(what, refusal.error, error)
        print(f"refused: {what}: {error}")
        return
    sys.exit(f"{what} was not refused")


registration = {"name": "Tides", "redirect_uri": CALLBACK, "scopes": ["openid"]}
headers = {"Authorization": f"Bearer {DIRECTORY}"}
answer = requests.post(ORIGIN + "/platform/v1/apps", json=registration, headers=headers, timeout=20)
expect("the status of the registration", answer.status_code, 201)
app = answer.json()["data"]
print("registered an app")

verifier, nonce = generate_token(48), generate_token(20)
library = session(app, scope="openid email", code_challenge_method="S256")
url, state = library.create_authorization_url(AUTHORIZE, code_verifier=verifier, nonce=nonce)
location = back(url)
code = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)["code"][0]
print("sent the browser away, and it came back with a code")

refused(
    "another redirect",
    "invalid_grant",
    lambda: session(app, redirect_uri=CALLBACK + "/other").fetch_token(TOKEN, code=code, code_verifier=verifier),
)
refused(
    "a guessed verifier",
    "invalid_grant",
    lambda: session(app).fetch_token(TOKEN, code=code, code_verifier=generate_token(48)),
)
guess = {**app, "client_secret": "guessed"}
refused(
    "a guessed secret", "invalid_client", lambda: session(guess).fetch_token(TOKEN, code=code, code_verifier=verifier)
)

# The library itself compares the state and reads the code.
token = library.fetch_token(TOKEN, authorization_response=location, state=state, code_verifier=verifier)
expect("the type of the token", token["token_type"], "Bearer")
print("exchanged the code for a token")

claims = jwt.decode(
    token["id_token"],
    app["client_secret"],
    claims_cls=CodeIDToken,
    claims_options={"aud": {"values": [app["client_id"]]}},
    claims_params={"nonce": nonce, "client_id": app["client_id"]},
)
claims.validate()
expect("the person", claims["email"], OWNER)
print(f"verified the id_token of {claims['email']}")

clients = library.get(ORIGIN + "/platform/v1/clients", timeout=20)
expect("the status of a call with the token", clients.status_code, 200)
userinfo = library.get(ORIGIN + "/oauth/userinfo", timeout=20).json()
expect("the subject", userinfo["sub"], claims["sub"])
print(f"called the API with the token: {len(clients.json()['data']['clients'])} clients")

refused(
    "a code that was used", "invalid_grant", lambda: session(app).fetch_token(TOKEN, code=code, code_verifier=verifier)
)

before = token["access_token"]
renewed = library.refresh_token(TOKEN)
expect("the same token again", renewed["access_token"] == before, False)
again = library.get(ORIGIN + "/platform/v1/clients", timeout=20)
expect("the status of a call with the new token", again.status_code, 200)
print("renewed the token and called the API with it")
refused("a guessed refresh token", "invalid_grant", lambda: session(app).refresh_token(TOKEN, "guessed"))

machine = session(app).fetch_token(TOKEN, grant_type="client_credentials")
expect("a refresh token for an app's own token", machine.get("refresh_token"), None)
print("got a token for the app itself")

url, state = session(app, scope="openid").create_authorization_url(AUTHORIZE, response_type="id_token", nonce=nonce)
fragment = urllib.parse.parse_qs(urllib.parse.urlsplit(back(url)).fragment)
expect("the state", fragment["state"], [state])
claims = jwt.decode(
    fragment["id_token"][0],
    app["client_secret"],
    claims_cls=ImplicitIDToken,
    claims_params={"nonce": nonce, "client_id": app["client_id"]},
)
claims.validate()
expect("the person", claims["email"], OWNER)
print("got an id_token at once, in the fragment")

url, _ = session({**app, "client_id": "guessed"}).create_authorization_url(AUTHORIZE)
answer = browse(url)
expect("an unknown client", (answer.status_code, answer.json()["error"]), (401, "invalid_client"))
expect("a redirect for an unknown client", answer.headers.get("Location"), None)
print("refused: an unknown client, without a redirect")
url, _ = session(app, redirect_uri="https://elsewhere.example.com").create_authorization_url(AUTHORIZE)
answer = browse(url)
expect("a foreign redirect", (answer.status_code, answer.json()["error"]), (400, "invalid_request"))
expect("a redirect elsewhere", answer.headers.get("Location"), None)
print("refused: a foreign redirect, without following it")
url, state = session(app).create_authorization_url(AUTHORIZE, response_type="token")
query = urllib.parse.parse_qs(urllib.parse.urlsplit(back(url)).query)
expect("the mistake and the state", (query["error"], query["state"]), (["unsupported_response_type"], [state]))
print("refused: another response type, in the redirect")

print("OAuth flow: all steps came out as expected")
