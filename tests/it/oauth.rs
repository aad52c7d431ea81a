//! OAuth: authorization code flow, and the `id_token` of OpenID Connect.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use standin::request::{Checking, Query, Settings};

use crate::vocabulary::{BUSINESS, CLIENT, Mock, Seen, mock_as_documented, mock_with_running_clock, noon, observed};

const BACK: &str = "https://example.com/callback";
const OWNER: &str = "3f90b6a1e7d2c458";

/// An app with its id and secret.
struct App {
    id: String,
    secret: String,
}

impl Mock {
    fn app(&self, name: &str) -> App {
        let body = json!({"name": name, "redirect_uri": BACK});
        let created = self.call("directory", "POST", "/platform/v1/apps", body).expect(201);
        App { id: created.text("/data/client_id"), secret: created.text("/data/client_secret") }
    }

    /// Requests authorization without a token, as a browser does.
    fn authorize(&self, query: &str) -> Seen {
        self.send("GET", &format!("/app/oauth/authorize?{query}"), &[], "")
    }

    /// The parameters of the redirect, and whether they are in the fragment.
    #[track_caller]
    fn sent_back(&self, query: &str) -> (Query, bool) {
        let seen = self.authorize(query).expect(302);
        let to = seen.header("location");
        let rest = to.strip_prefix(BACK).unwrap_or_else(|| panic!("{to} is not the app's"));
        (Query::parse(Some(&rest[1..])), rest.starts_with('#'))
    }

    fn code(&self, app: &App, more: &str) -> String {
        let (query, _) = self.sent_back(&format!("response_type=code&client_id={}&redirect_uri={BACK}{more}", app.id));
        query.get("code").expect("a code").to_owned()
    }

    /// Requests a token with the app's secret and these fields.
    fn token(&self, app: &App, more: Value) -> Seen {
        let mut body = json!({"client_id": app.id, "client_secret": app.secret});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        self.send("POST", "/oauth/token", &[("content-type", "application/json")], &body.to_string())
    }

    /// Redeems a code a number of seconds after noon.
    fn redeem_after(&self, seconds: i64, app: &App, code: &str) -> Seen {
        let grant = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": BACK,
            "client_id": app.id, "client_secret": app.secret});
        let at = noon() + SignedDuration::from_secs(seconds);
        self.send_at(at, "POST", "/oauth/token", &[("content-type", "application/json")], &grant.to_string())
    }

    fn redeem(&self, app: &App, code: &str) -> Seen {
        self.token(app, json!({"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}))
    }

    fn with_token(&self, token: &str, path: &str) -> Seen {
        self.send("GET", path, &[("authorization", &format!("Bearer {token}"))], "")
    }
}

/// The claims of an `id_token`, if it is signed with the app's secret.
fn verified(token: &str, app: &App) -> Value {
    let (signed, signature) = token.rsplit_once('.').expect("a JWT");
    let mut mac = Hmac::<Sha256>::new_from_slice(app.secret.as_bytes()).expect("a key");
    mac.update(signed.as_bytes());
    assert_eq!(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()), signature);
    let claims = signed.split_once('.').expect("a JWT").1;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64")).expect("JSON")
}

#[test]
fn code_is_exchanged_for_a_valid_token_of_the_owner() {
    let mock = observed();
    let app = mock.app("Tides");
    let token = mock.redeem(&app, &mock.code(&app, "")).expect(200);
    assert_eq!(token.text("/token_type"), "Bearer");
    assert_eq!(verified(&token.text("/id_token"), &app)["business_id"], BUSINESS);
    let access = token.text("/access_token");
    assert_eq!(mock.with_token(&access, "/platform/v1/clients").status, 200);
    let who = mock.with_token(&access, "/oauth/userinfo").expect(200);
    assert_eq!((who.text("/type").as_str(), who.text("/sub").as_str()), ("staff", OWNER));
    assert_eq!(who.text("/business_uid"), BUSINESS);
}

#[test]
fn state_parameter_is_returned_unchanged() {
    let mock = observed();
    let app = mock.app("Tides");
    let asked = format!("response_type=code&client_id={}&redirect_uri={BACK}&state=a%26b%20%C3%A9%2B%23", app.id);
    let (query, is_fragment) = mock.sent_back(&asked);
    assert_eq!(query.get("state"), Some("a&b é+#"));
    assert!(!is_fragment);
}

#[test]
fn both_authorize_paths_return_a_code() {
    let mock = observed();
    let app = mock.app("Tides");
    let target = format!("/oauth/authorize?response_type=code&client_id={}&redirect_uri={BACK}", app.id);
    let seen = mock.send("GET", &target, &[], "").expect(302);
    assert!(seen.header("location").starts_with("https://example.com/callback?code="));
}

#[test]
fn code_can_be_used_once_and_its_second_use_revokes_the_tokens() {
    let mock = observed();
    let app = mock.app("Tides");
    let code = mock.code(&app, "");
    let first = mock.redeem(&app, &code).expect(200);
    let renew = json!({"grant_type": "refresh_token", "refresh_token": first.text("/refresh_token")});
    let renewed = mock.token(&app, renew.clone()).expect(200);
    let tokens = [first.text("/access_token"), renewed.text("/access_token")];
    let statuses = || tokens.each_ref().map(|token| mock.with_token(token, "/platform/v1/clients").status);
    assert_eq!(statuses(), [200, 200]);
    let second = mock.redeem(&app, &code).expect(401);
    assert_eq!(second.text("/error"), "invalid_grant");
    assert_eq!(statuses(), [401, 401]);
    assert_eq!(mock.token(&app, renew).expect(401).text("/error"), "invalid_grant");
}

#[test]
fn code_is_valid_for_ten_minutes() {
    let mock = mock_with_running_clock();
    let app = mock.app("Tides");
    assert_eq!(mock.redeem_after(600, &app, &mock.code(&app, "")).status, 401);
    assert_eq!(mock.redeem_after(599, &app, &mock.code(&app, "")).status, 200);
}

#[test]
fn codes_that_expired_some_time_ago_are_removed() {
    let mock = mock_with_running_clock();
    let app = mock.app("shop");
    let codes = || mock.session.state().store.count("authorization_code");
    let authorize_after = |seconds: i64| {
        let target = format!("/app/oauth/authorize?response_type=code&client_id={}&redirect_uri={BACK}", app.id);
        mock.send_at(noon() + SignedDuration::from_secs(seconds), "GET", &target, &[], "").expect(302);
    };
    for number in 0..10 {
        authorize_after(number);
    }
    assert_eq!(codes(), 10);
    authorize_after(1_100);
    assert_eq!(codes(), 11, "a code is known for a while after it expired");
    authorize_after(1_300);
    assert_eq!(codes(), 2);
}

#[test]
fn rejected_exchange_keeps_the_code_valid() {
    let mock = observed();
    let (app, other) = (mock.app("Tides"), mock.app("Moons"));
    let code = mock.code(&app, "");
    let rejected = |app: &App, more: Value| mock.token(app, more).expect(401).text("/error");
    let grant = |code: &str, to: &str| json!({"grant_type": "authorization_code", "code": code, "redirect_uri": to});
    assert_eq!(rejected(&app, grant(&code, "https://example.com/other")), "invalid_grant");
    assert_eq!(rejected(&other, grant(&code, BACK)), "invalid_grant");
    assert_eq!(rejected(&app, grant("guessed", BACK)), "invalid_grant");
    let guessed = App { id: app.id.clone(), secret: "guessed".to_owned() };
    assert_eq!(rejected(&guessed, grant(&code, BACK)), "invalid_client");
    assert_eq!(mock.redeem(&app, &code).status, 200);
}

#[test]
fn only_its_own_app_can_refresh_a_token() {
    let mock = observed();
    let (app, other) = (mock.app("Tides"), mock.app("Moons"));
    let first = mock.redeem(&app, &mock.code(&app, "")).expect(200);
    let renew = json!({"grant_type": "refresh_token", "refresh_token": first.text("/refresh_token")});
    assert_eq!(mock.token(&other, renew.clone()).expect(401).text("/error"), "invalid_grant");
    let second = mock.token(&app, renew).expect(200);
    assert_ne!(second.text("/access_token"), first.text("/access_token"));
    let who = mock.with_token(&second.text("/access_token"), "/oauth/userinfo").expect(200);
    assert_eq!(who.text("/sub"), OWNER);
    let guessed = json!({"grant_type": "refresh_token", "refresh_token": "guessed"});
    assert_eq!(mock.token(&app, guessed).expect(401).text("/error"), "invalid_grant");
}

#[test]
fn token_request_without_required_field_is_a_bad_request() {
    let mock = mock_as_documented(Settings { checking: Checking::Documented, ..Settings::default() });
    let app = mock.app("Tides");
    for more in [
        json!({"grant_type": "authorization_code", "redirect_uri": BACK}),
        json!({"grant_type": "authorization_code", "code": mock.code(&app, "")}),
        json!({"grant_type": "refresh_token"}),
        json!({"grant_type": "password", "code": "x", "redirect_uri": BACK}),
        json!({}),
    ] {
        assert_eq!(mock.token(&app, more).expect(400).text("/error"), "invalid_request");
    }
    let first = mock.redeem(&app, &mock.code(&app, "")).expect(200);
    let renew = json!({"grant_type": "refresh_token", "refresh_token": first.text("/refresh_token")});
    mock.token(&app, renew).expect(200);
}

#[test]
fn unregistered_redirect_url_is_rejected() {
    let mock = observed();
    let app = mock.app("Tides");
    let elsewhere = format!("response_type=code&client_id={}&redirect_uri=https://evil.example.com", app.id);
    let rejected = mock.authorize(&elsewhere).expect(400);
    assert_eq!((rejected.text("/error").as_str(), rejected.header("location")), ("invalid_request", ""));
    let unknown = mock.authorize(&format!("response_type=code&client_id=guessed&redirect_uri={BACK}")).expect(401);
    assert_eq!((unknown.text("/error").as_str(), unknown.header("location")), ("invalid_client", ""));
    assert_eq!(mock.authorize(&format!("response_type=code&redirect_uri={BACK}")).status, 400);
}

#[test]
fn other_authorize_errors_are_sent_to_the_app() {
    let mock = observed();
    let app = mock.app("Tides");
    for (asked, error) in [
        ("response_type=token", "unsupported_response_type"),
        ("scope=openid", "invalid_request"),
        ("response_type=code&code_challenge=x&code_challenge_method=S512", "invalid_request"),
        ("response_type=code&login_hint=nobody@example.com", "login_required"),
        ("response_type=id_token&nonce=n1", "invalid_scope"),
        ("response_type=id_token&scope=openid", "invalid_request"),
    ] {
        let (query, is_fragment) =
            mock.sent_back(&format!("{asked}&client_id={}&redirect_uri={BACK}&state=s1", app.id));
        assert_eq!((query.get("error"), query.get("state")), (Some(error), Some("s1")), "{asked}");
        assert_eq!(is_fragment, asked.contains("id_token"), "{asked}");
    }
}

#[test]
fn code_with_challenge_requires_its_verifier() {
    let mock = observed();
    let app = mock.app("Tides");
    let verifier = "a-verifier-of-at-least-forty-three-characters-0";
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    for more in
        [format!("&code_challenge={challenge}&code_challenge_method=S256"), format!("&code_challenge={verifier}")]
    {
        let code = mock.code(&app, &more);
        assert_eq!(mock.redeem(&app, &code).expect(401).text("/error"), "invalid_grant");
        let proof = |verifier: &str| {
            let grant = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier});
            mock.token(&app, grant).status
        };
        assert_eq!((proof("guessed"), proof(verifier)), (401, 200));
    }
}

#[test]
fn id_token_identifies_the_user_and_has_the_nonce() {
    let mock = observed();
    let app = mock.app("Tides");
    let asked = format!("response_type=id_token&scope=openid&nonce=n1&client_id={}&redirect_uri={BACK}", app.id);
    let (fragment, is_fragment) = mock.sent_back(&asked);
    assert!(is_fragment);
    let at_once = verified(fragment.get("id_token").expect("an id_token"), &app);
    let token = mock.redeem(&app, &mock.code(&app, "&scope=openid%20email&nonce=n1")).expect(200);
    for claims in [at_once, verified(&token.text("/id_token"), &app)] {
        assert_eq!((&claims["nonce"], &claims["aud"], &claims["sub"]), (&json!("n1"), &json!(app.id), &json!(OWNER)));
        assert_eq!(claims["email"], "clara.moreau@harmony.example.com");
        assert_eq!(claims["exp"].as_i64(), claims["iat"].as_i64().map(|issued| issued + 3_600));
    }
}

#[test]
fn user_is_chosen_by_login_hint_or_token() {
    let mock = observed();
    let app = mock.app("Tides");
    let who = |code: &str| {
        let access = mock.redeem(&app, code).expect(200).text("/access_token");
        mock.with_token(&access, "/oauth/userinfo").expect(200).text("/sub")
    };
    assert_eq!(who(&mock.code(&app, "&login_hint=mei.tanaka@harmony.example.com")), "218726c6acfba401");
    let target = format!("/oauth/authorize?response_type=code&client_id={}&redirect_uri={BACK}", app.id);
    let seen = mock.call("client", "GET", &target, Value::Null).expect(302);
    let code = seen.header("location").split_once("code=").expect("a code").1;
    assert_eq!(who(code), CLIENT);
}

#[test]
fn loopback_redirect_uri_is_accepted_on_any_port_and_others_only_on_their_own() {
    let mock = observed();
    let register = |uri: &str| {
        let body = json!({"name": "Tides", "redirect_uri": uri});
        mock.call("directory", "POST", "/platform/v1/apps", body).expect(201).text("/data/client_id")
    };
    for (registered, requested, status) in [
        ("http://127.0.0.1/callback", "http://127.0.0.1:51004/callback", 302),
        ("http://127.0.0.1:8000/callback", "http://127.0.0.1:51004/callback", 302),
        ("http://[::1]:8000/callback", "http://[::1]/callback", 302),
        ("http://localhost/callback", "http://localhost:3000/callback", 302),
        ("http://127.0.0.1/callback", "http://127.0.0.1:51004/other", 400),
        ("http://127.0.0.1/callback", "http://127.0.0.1:x@evil.example.com/callback", 400),
        ("http://127.0.0.1/callback", "https://127.0.0.1:51004/callback", 400),
        ("http://localhost/callback", "http://localhost.evil.example.com/callback", 400),
        ("https://example.com/callback", "https://example.com:444/callback", 400),
        ("http://example.com/callback", "http://example.com:81/callback", 400),
    ] {
        let app = register(registered);
        let query = format!("response_type=code&client_id={app}&redirect_uri={requested}");
        assert_eq!(mock.authorize(&query).status, status, "{requested} for {registered}");
    }
}

#[test]
fn app_can_authenticate_with_http_basic() {
    use base64::engine::general_purpose::STANDARD;
    let mock = observed();
    let app = mock.app("Tides");
    let grant = |credentials: &str, code: &str| {
        let headers = [("content-type", "application/json"), ("authorization", credentials)];
        let body = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": BACK});
        mock.send("POST", "/oauth/token", &headers, &body.to_string())
    };
    let basic = |secret: &str| format!("Basic {}", STANDARD.encode(format!("{}:{secret}", app.id)));
    let code = mock.code(&app, "");
    for wrong in [basic("guessed"), "Basic !".to_owned(), "Basic".to_owned()] {
        let rejected = grant(&wrong, &code);
        assert!(matches!(rejected.status, 400 | 401) && rejected.body.get("access_token").is_none(), "{wrong}");
    }
    grant(&basic(&app.secret), &code).expect(200);
}

#[test]
fn app_of_the_scenario_is_among_its_params() {
    let mock = observed();
    let param =
        |name: &str| mock.credentials.params.iter().find(|(known, _)| known == name).expect("a param").1.clone();
    let app = App { id: param("app_client_id"), secret: param("app_client_secret") };
    let to = format!("{}?x=1", param("app_redirect_uri").replace("127.0.0.1", "127.0.0.1:51004"));
    let rejected = mock.authorize(&format!("response_type=code&client_id={}&redirect_uri={to}", app.id));
    assert_eq!(rejected.status, 400, "the query is part of the URI");
    let seen = mock
        .authorize(&format!("response_type=code&client_id={}&redirect_uri=http://127.0.0.1:51004/callback", app.id));
    let location = seen.expect(302).header("location").to_owned();
    let code = location.split_once("code=").expect("a code").1;
    let grant =
        json!({"grant_type": "authorization_code", "code": code, "redirect_uri": "http://127.0.0.1:51004/callback"});
    mock.token(&app, grant).expect(200);
}
