package io.salver.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.PlainHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.salver.server.access.TokenSettings.Algorithm;
import io.salver.server.access.TokenSettings.KeySource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class TokensTest {
  private static final Issuer ISSUER = new Issuer("-1");
  private static final Issuer OTHER = new Issuer("-1");

  private static final String NAME = "https://issuer.example.org";

  @TempDir Path directory;

  private Instant now = Instant.parse("2026-11-27T10:00:00Z");
  private long nowNs;

  private Path keys(String document) throws IOException {
    return Files.writeString(directory.resolve("keys.json"), document);
  }

  private TokenSettings settings(KeySource keys, Limits limits) {
    return new TokenSettings(
        NAME,
        "salver",
        keys,
        Set.of(Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA),
        "realm.roles",
        "salver:",
        "sub",
        Duration.ofSeconds(30),
        Duration.ofMinutes(5),
        limits);
  }

  private Tokens tokens() throws IOException {
    return tokens(Limits.NONE);
  }

  private Tokens tokens(Limits limits) throws IOException {
    return new Tokens(
        settings(new KeySource.File(keys(ISSUER.publicKeys())), limits), () -> nowNs, () -> now);
  }

  private JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(NAME)
        .audience(List.of("other", "salver"))
        .subject("alice")
        .expirationTime(Date.from(now.plusSeconds(600)))
        .claim("realm", Map.of("roles", List.of("salver:predict", "salver:observe", "admin")));
  }

  private static String rs256(JWTClaimsSet claims) {
    return ISSUER.sign(JWSAlgorithm.RS256, claims);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "ES256", "EdDSA"})
  void aTokenIsAcceptedWithItsNameAndRoles(String algorithm) throws Exception {
    String token = ISSUER.sign(JWSAlgorithm.parse(algorithm), claims().build());
    Tokens.Accepted accepted = tokens().check(token);
    assertThat(accepted).isNotNull();
    assertThat(accepted.principal()).hasToString("token:alice (predict, observe)");
    assertThat(accepted.untilMs())
        .as("checked again with the next keys")
        .isEqualTo(now.plusSeconds(300).toEpochMilli());
  }

  @Test
  void rolesMayBeATextWithSpaces() throws Exception {
    JWTClaimsSet claims =
        claims().claim("realm", Map.of("roles", "email salver:admin salver:root")).build();
    assertThat(tokens().check(rs256(claims)).principal()).hasToString("token:alice (admin)");
  }

  @Test
  void rolesThatAreNothingAreNone() throws Exception {
    for (Object realm : List.of("x", 5, List.of("roles"), Map.of("roles", Map.of()), Map.of())) {
      JWTClaimsSet claims = claims().claim("realm", realm).build();
      assertThat(tokens().check(rs256(claims)).principal()).hasToString("token:alice (no role)");
    }
  }

  @Test
  void clocksMayDifferByTheLeeway() throws Exception {
    JWTClaimsSet expiring = claims().expirationTime(Date.from(now.minusSeconds(29))).build();
    assertThat(tokens().check(rs256(expiring)).untilMs())
        .isEqualTo(now.plusSeconds(1).toEpochMilli());
    JWTClaimsSet early = claims().notBeforeTime(Date.from(now.plusSeconds(29))).build();
    assertThat(tokens().check(rs256(early))).isNotNull();
  }

  @Test
  void claimsThatDoNotFitAreRefused() throws Exception {
    List<JWTClaimsSet> bad =
        List.of(
            claims().expirationTime(Date.from(now.minusSeconds(30))).build(),
            claims().expirationTime(null).build(),
            claims().notBeforeTime(Date.from(now.plusSeconds(31))).build(),
            claims().issuer("https://evil.example.org").build(),
            claims().issuer(null).build(),
            claims().audience("other").build(),
            claims().audience((String) null).build(),
            claims().subject(null).build(),
            claims().subject("").build(),
            claims().subject("a\nb").build(),
            claims().subject("x".repeat(129)).build());
    for (JWTClaimsSet claims : bad) {
      assertThat(tokens().check(rs256(claims))).as(claims.toString()).isNull();
    }
  }

  @Test
  void signaturesThatDoNotCountAreRefused() throws Exception {
    JWTClaimsSet claims = claims().build();
    List<String> bad = new ArrayList<>();
    bad.add(new PlainJWT(new PlainHeader(), claims).serialize());
    bad.add(OTHER.sign(JWSAlgorithm.RS256, claims));
    bad.add(OTHER.sign(JWSAlgorithm.ES256, claims));
    bad.add(OTHER.sign(JWSAlgorithm.EdDSA, claims));
    for (JWSAlgorithm algorithm :
        List.of(JWSAlgorithm.HS256, JWSAlgorithm.RS512, JWSAlgorithm.PS256)) {
      bad.add(ISSUER.sign(algorithm, claims));
    }
    String good = rs256(claims);
    String[] parts = good.split("\\.", -1);
    bad.add(parts[0] + "." + parts[1] + ".");
    bad.add(
        parts[0]
            + "."
            + claims().subject("mallory").build().toPayload().toBase64URL()
            + "."
            + parts[2]);
    bad.add(Base64URL.encode("{\"alg\":\"none\"}") + "." + parts[1] + ".");
    bad.add(
        Base64URL.encode("{\"alg\":\"ES256\",\"kid\":\"rsa-1\"}")
            + "."
            + parts[1]
            + "."
            + parts[2]);
    bad.add(
        ISSUER.sign(
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("rsa-1")
                .criticalParams(Set.of("exp"))
                .customParam("exp", 1)
                .build(),
            claims));
    bad.add(
        ISSUER.sign(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("unknown").build(), claims));
    for (String token : bad) {
      assertThat(tokens().check(token)).as(token).isNull();
    }
    assertThat(tokens().check(good)).isNotNull();
  }

  @Test
  void aHeaderMayLeaveTheKeyOut() throws Exception {
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.RS256).type(new JOSEObjectType("at+jwt")).build();
    assertThat(tokens().check(ISSUER.sign(header, claims().build()))).isNotNull();
  }

  @Test
  void aKeyBroughtAlongIsNotLookedAt() throws Exception {
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .jwk(OTHER.rsa().toPublicJWK())
            .jwkURL(URI.create("https://evil.example.org/keys"))
            .build();
    assertThat(tokens().check(OTHER.sign(header, claims().build()))).isNull();
  }

  @Test
  void nonsenseIsRefused() throws Exception {
    long seed = 20261127;
    Random random = new Random(seed);
    Tokens tokens = tokens();
    byte[] good = rs256(claims().build()).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 2_000; i++) {
      byte[] changed = good.clone();
      int at = random.nextInt(changed.length);
      changed[at] = (byte) (changed[at] ^ 1 + random.nextInt(255));
      String text = new String(changed, StandardCharsets.ISO_8859_1);
      Tokens.Accepted accepted = tokens.check(text);
      // Some texts stand for the same bytes.
      if (accepted != null) {
        assertThat(accepted.principal())
            .as("%s of seed %d", text, seed)
            .hasToString("token:alice (predict, observe)");
      }
    }
    for (String text :
        List.of("", ".", "..", "a.b.c", "....", "{}.{}.{}", "[".repeat(4000) + "..")) {
      assertThat(tokens.check(text)).as(text).isNull();
    }
    String deep = Base64URL.encode("{\"alg\":" + "[".repeat(5_000)) + ".e30.AA";
    assertThat(tokens.check(deep)).isNull();
  }

  @Test
  void tokensOfOneNameShareWhatTheNameMayUse() throws Exception {
    Tokens tokens = tokens(new Limits(1, 1, 0));
    Allowance first = tokens.check(rs256(claims().build())).principal().allowance();
    Allowance second = tokens.check(rs256(claims().jwtID("again").build())).principal().allowance();
    assertThat(second).isSameAs(first);
    assertThat(tokens.check(rs256(claims().subject("bob").build())).principal().allowance())
        .isNotSameAs(first);
  }

  @Test
  void newKeysAreReadWhenATokenNamesOneButNotAgainAndAgain() throws Exception {
    Tokens tokens = tokens();
    Issuer next = new Issuer("-2");
    String token = next.sign(JWSAlgorithm.RS256, claims().build());
    keys(next.publicKeys());
    assertThat(tokens.check(token)).as("they were read a moment ago").isNull();
    nowNs += Duration.ofSeconds(10).toNanos();
    assertThat(tokens.check(token)).isNotNull();
    assertThat(tokens.check(rs256(claims().build()))).as("the old key is gone").isNull();
  }

  @Test
  void keysThatCannotBeReadLeaveTheLastInUse() throws Exception {
    Tokens tokens = tokens();
    String token = rs256(claims().build());
    String shared = Issuer.publicKeys(ISSUER.rsa(), ISSUER.edPublic());
    for (String document :
        List.of(
            "",
            "{}",
            "{\"keys\": []}",
            "[".repeat(100_000),
            "{\"keys\": [" + ISSUER.rsa().toJSONString() + "]}",
            "{\"keys\": [{\"kty\": \"oct\", \"k\": \"AAAA\"}]}",
            shared + " ".repeat(1 << 20))) {
      keys(document);
      tokens.refresh();
      assertThat(tokens.check(token)).isNotNull();
    }
    Files.delete(directory.resolve("keys.json"));
    tokens.refresh();
    assertThat(tokens.check(token)).isNotNull();
  }

  @Test
  void aFileThatCannotBeUsedAtTheStartIsAnError() throws Exception {
    KeySource.File file = new KeySource.File(keys("{\"keys\": []}"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Tokens(settings(file, Limits.NONE), () -> nowNs, () -> now))
        .withMessageStartingWith("keys: ")
        .withMessageContaining("cannot be used");
  }

  @Test
  void shortRsaKeysDoNotCount() throws Exception {
    RSAKey weak = new RSAKeyGenerator(1024, true).keyID("rsa-1").generate();
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa-1").build(), claims().build());
    token.sign(new RSASSASigner(weak.toPrivateKey(), true));
    keys(Issuer.publicKeys(weak));
    Tokens tokens =
        new Tokens(
            settings(new KeySource.File(directory.resolve("keys.json")), Limits.NONE),
            () -> nowNs,
            () -> now);
    assertThat(tokens.check(token.serialize())).isNull();
  }

  @Test
  void keysComeFromAnAddress() throws Exception {
    AtomicInteger status = new AtomicInteger(500);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/keys",
        exchange -> {
          byte[] body = ISSUER.publicKeys().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status.get(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/keys");
    try (Tokens tokens =
        new Tokens(settings(new KeySource.Url(uri), Limits.NONE), () -> nowNs, () -> now)) {
      assertThat(tokens.isReady()).isFalse();
      assertThat(tokens.check(rs256(claims().build()))).isNull();
      status.set(200);
      assertThat(tokens.isReady()).as("asked a moment ago").isFalse();
      nowNs += Duration.ofSeconds(10).toNanos();
      assertThat(tokens.isReady()).isTrue();
      assertThat(tokens.check(rs256(claims().build()))).isNotNull();
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://issuer.example.org/keys",
        "http://127.0.0.1.evil.example/keys",
        "http://localhost.evil.example/keys",
        "file:///etc/keys",
        "ftp://127.0.0.1/keys",
        "https:keys"
      })
  void addressesOnTheWayToWhichKeysCouldBeExchangedAreRefused(String address) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeySource.Url(URI.create(address)))
        .withMessageContaining("(expected: an address that begins with https://)");
  }
}
