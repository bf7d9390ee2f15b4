package io.salver.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import io.salver.server.access.AccessSettings.CertificateHolder;
import io.salver.server.access.AccessSettings.KeyHolder;
import io.salver.server.access.Refusal.Reason;
import io.salver.server.inference.FakeLoop;
import io.salver.server.net.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessControlTest {
  private static final AccessRule PREDICT = new AccessRule(Set.of(Role.PREDICT), false);
  private static final AccessRule ADMIN = new AccessRule(Set.of(Role.ADMIN), false);
  private static final AccessRule CONTROL = new AccessRule(Set.of(Role.ADMIN), true);
  private static final AccessRule CONSOLE = new AccessRule(Set.of(), true);
  private static final Peer LOCAL = new Peer(Peer.Kind.LOOPBACK, "127.0.0.1", List.of());
  private static final Peer REMOTE = new Peer(Peer.Kind.REMOTE, "10.0.0.7", List.of());

  private static final ApiKey.Created APP = ApiKey.create(new SecureRandom());
  private static final ApiKey.Created OPS = ApiKey.create(new SecureRandom());

  private record Request(Peer peer, Map<String, String> headers) implements Caller {
    @Override
    public String header(String lowerCaseName) {
      return headers.get(lowerCaseName);
    }
  }

  private static Request from(Peer peer, String... namesAndValues) {
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new Request(peer, headers);
  }

  private static AccessControl access(Role... anonymous) {
    return access(Limits.NONE, anonymous);
  }

  private static AccessControl access(Limits limits, Role... anonymous) {
    return control(
        new AccessSettings(
            false,
            Set.of(anonymous),
            List.of(
                new KeyHolder("app", APP.stored(), Set.of(Role.PREDICT), limits),
                new KeyHolder("ops", OPS.stored(), Set.of(Role.ADMIN), Limits.NONE)),
            List.of(
                new CertificateHolder(
                    "robot", "dns:robot.example.org", Set.of(Role.ADMIN), Limits.NONE)),
            Optional.empty(),
            FailureLimits.DEFAULT));
  }

  private static AccessControl control(AccessSettings settings) {
    return new AccessControl(settings, () -> 0, InstantSource.system());
  }

  /** Who is admitted, or why nobody is. */
  private static String enter(AccessControl access, AccessRule rule, Caller caller) {
    Queue<String> result = new ArrayDeque<>();
    try (FakeLoop loop = new FakeLoop(1 << 10)) {
      access.enter(rule, caller, loop, into(result));
    }
    return result.remove();
  }

  private static AccessControl.Outcome into(Queue<String> results) {
    return new AccessControl.Outcome() {
      @Override
      public void admitted(Principal principal) {
        results.add(principal.name());
      }

      @Override
      public void refused(Refusal refusal) {
        results.add(refusal.reason() + " " + refusal.message());
      }
    };
  }

  @Test
  void withoutSettingsEverybodyMayDoEverythingButControlFromElsewhere() {
    AccessControl access = control(AccessSettings.OPEN);
    assertThat(enter(access, ADMIN, from(REMOTE))).isEqualTo("anonymous");
    assertThat(enter(access, CONTROL, from(LOCAL))).isEqualTo("anonymous");
    assertThat(enter(access, CONTROL, from(REMOTE)))
        .isEqualTo(
            "FORBIDDEN control: from 10.0.0.7 (expected: from this machine, or with an API key: see"
                + " access in the configuration)");
    assertThat(enter(access, CONSOLE, from(REMOTE))).startsWith("FORBIDDEN control: from");
    assertThat(enter(access, PREDICT, from(REMOTE, "authorization", "Basic eDp5")))
        .as("credentials for somebody else")
        .isEqualTo("anonymous");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x-forwarded-for", "forwarded", "x-real-ip"})
  void whatAProxyOnThisMachineBringsIsNotFromThisMachine(String header) {
    assertThat(enter(control(AccessSettings.OPEN), CONTROL, from(LOCAL, header, "127.0.0.1")))
        .startsWith("FORBIDDEN control: from");
  }

  @Test
  void withSettingsNobodyMayDoWhatIsNotSaid() {
    assertThat(enter(access(), PREDICT, from(LOCAL)))
        .isEqualTo("NO_CREDENTIALS credentials: none (expected: those of the role predict)");
    assertThat(enter(access(Role.PREDICT), PREDICT, from(REMOTE))).isEqualTo("anonymous");
    assertThat(enter(access(Role.PREDICT), ADMIN, from(REMOTE))).startsWith("NO_CREDENTIALS");
  }

  @Test
  void anonymousAdministratorsAreOnThisMachine() {
    AccessControl access = access(Role.ADMIN);
    assertThat(enter(access, CONTROL, from(LOCAL))).isEqualTo("anonymous");
    assertThat(enter(access, CONTROL, from(REMOTE))).startsWith("NO_CREDENTIALS");
    assertThat(enter(access, CONSOLE, from(REMOTE))).isEqualTo("anonymous");
  }

  @Test
  void aKeyOpensWhatItsRolesOpen() {
    AccessControl access = access();
    for (int time = 0; time < 2; time++) {
      Request bearer = from(REMOTE, "authorization", "bearer " + APP.text());
      assertThat(enter(access, PREDICT, bearer)).isEqualTo("app");
      assertThat(enter(access, PREDICT, from(REMOTE, "salver-api-key", APP.text())))
          .isEqualTo("app");
      assertThat(enter(access, CONTROL, from(REMOTE, "salver-api-key", OPS.text())))
          .isEqualTo("ops");
      assertThat(enter(access, ADMIN, bearer))
          .isEqualTo("FORBIDDEN role: app (predict) (expected: the role admin)");
      assertThat(enter(access, PREDICT, from(REMOTE, "salver-api-key", OPS.text())))
          .as("no role includes another")
          .isEqualTo("FORBIDDEN role: ops (admin) (expected: the role predict)");
    }
  }

  @Test
  void credentialsThatAreNotAcceptedAreRefusedWhateverAnonymousMayDo() {
    AccessControl access = access(Role.PREDICT);
    String wrong = APP.text().substring(0, APP.text().length() - 1) + "!";
    for (String authorization :
        List.of(
            "Bearer " + wrong,
            "Bearer " + APP.stored(),
            "Bearer ",
            "Bearer",
            "Basic eDp5",
            "",
            "Bearer " + "x".repeat(9_000),
            "Bearer a.b.c")) {
      assertThat(enter(access, PREDICT, from(LOCAL, "authorization", authorization)))
          .as(authorization)
          .isEqualTo(
              "BAD_CREDENTIALS credentials: not accepted (expected: those of the role predict)");
    }
    assertThat(access.refused(Reason.BAD_CREDENTIALS)).isEqualTo(8);
  }

  @Test
  void aCertificateCountsWhereNothingElseIsShown() {
    Peer robot =
        new Peer(
            Peer.Kind.REMOTE,
            "10.0.0.8",
            List.of("subject:CN=robot", "dns:robot.example.org", "dns:other"));
    assertThat(enter(access(), CONTROL, from(robot))).isEqualTo("robot");
    assertThat(enter(access(), PREDICT, from(robot, "salver-api-key", APP.text())))
        .isEqualTo("app");
    Peer stranger = new Peer(Peer.Kind.REMOTE, "10.0.0.9", List.of("subject:CN=stranger"));
    assertThat(enter(access(), PREDICT, from(stranger))).startsWith("NO_CREDENTIALS");
  }

  @Test
  void limitsCountWhatIsAdmitted() {
    AccessControl access = access(new Limits(1, 2, 0));
    Request app = from(REMOTE, "salver-api-key", APP.text());
    assertThat(enter(access, ADMIN, app)).startsWith("FORBIDDEN");
    assertThat(enter(access, PREDICT, app)).isEqualTo("app");
    assertThat(enter(access, PREDICT, app)).isEqualTo("app");
    assertThat(enter(access, PREDICT, app)).startsWith("LIMITED requests of app: more than 1");
    assertThat(access.refused(Reason.LIMITED)).isEqualTo(1);
  }

  @Test
  void whoeverShowsBadCredentialsOftenIsRefusedUncheckedButNobodyElseIs() {
    AccessControl access = access();
    Request wrong = from(REMOTE, "salver-api-key", "salver_guess");
    for (int i = 0; i < FailureLimits.DEFAULT.burst(); i++) {
      assertThat(enter(access, PREDICT, wrong)).startsWith("BAD_CREDENTIALS");
    }
    Request fromThere = from(REMOTE, "salver-api-key", APP.text());
    Peer elsewhere = new Peer(Peer.Kind.REMOTE, "10.0.0.9", List.of());
    assertThat(enter(access, PREDICT, wrong)).startsWith("SLOWED credentials: too many from");
    assertThat(enter(access, PREDICT, fromThere)).as("not shown before").isEqualTo("app");
    assertThat(enter(access, PREDICT, from(elsewhere, "salver-api-key", APP.text())))
        .isEqualTo("app");
    assertThat(enter(access, PREDICT, from(REMOTE))).startsWith("NO_CREDENTIALS");
    assertThat(access.refused(Reason.SLOWED)).isEqualTo(1);
  }

  @Test
  void settingsThatContradictThemselvesAreRefused() {
    KeyHolder app = new KeyHolder("app", APP.stored(), Set.of(Role.PREDICT), Limits.NONE);
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new AccessSettings(
                false,
                Set.of(),
                List.of(app, app),
                List.of(),
                Optional.empty(),
                FailureLimits.DEFAULT))
        .withMessageContaining(" of app twice (expected: once)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeyHolder("a:b", APP.stored(), Set.of(Role.PREDICT), Limits.NONE))
        .withMessageStartingWith("name: \"a:b\" (expected: ");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new KeyHolder("anonymous", APP.stored(), Set.of(Role.PREDICT), Limits.NONE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeyHolder("a", APP.stored(), Set.of(), Limits.NONE))
        .withMessageStartingWith("roles of a: none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CertificateHolder("a", "CN=a", Set.of(Role.PREDICT), Limits.NONE))
        .withMessageStartingWith("certificate: \"CN=a\" (expected: ");
  }

  /** A token is checked on another thread, and the request goes on on its own loop. */
  @Test
  void aTokenIsCheckedOnceAndKnownThen(@TempDir Path directory) throws Exception {
    Issuer issuer = new Issuer("");
    String good = token(issuer, "alice");
    String bad = token(new Issuer(""), "alice");
    try (AccessControl access = control(tokens(directory, issuer));
        FakeLoop loop = new FakeLoop(1 << 10)) {
      assertThat(enter(access, good, loop)).isEqualTo("token:alice");
      assertThat(enter(access, bad, loop))
          .isEqualTo(
              "BAD_CREDENTIALS credentials: not accepted (expected: those of the role predict)");
      Queue<String> outcomes = new ArrayDeque<>();
      access.enter(PREDICT, from(REMOTE, "authorization", good), loop, into(outcomes));
      assertThat(outcomes).as("at once").containsExactly("token:alice");
      assertThat(enter(access, ADMIN, from(REMOTE, "authorization", good)))
          .isEqualTo("FORBIDDEN role: token:alice (predict) (expected: the role admin)");
    }
  }

  @Test
  void goodTokensFromASlowedAddressAreLetIn(@TempDir Path directory) throws Exception {
    Issuer issuer = new Issuer("");
    String known = token(issuer, "alice");
    String bad = token(new Issuer(""), "alice");
    AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    AtomicLong nowNs = new AtomicLong();
    try (AccessControl access = new AccessControl(tokens(directory, issuer), nowNs::get, now::get);
        FakeLoop loop = new FakeLoop(1 << 10)) {
      assertThat(enter(access, known, loop)).isEqualTo("token:alice");
      for (int i = 0; i < FailureLimits.DEFAULT.burst(); i++) {
        assertThat(enter(access, bad, loop)).startsWith("BAD_CREDENTIALS");
      }
      assertThat(enter(access, token(issuer, "bob"), loop)).as("new").isEqualTo("token:bob");
      for (int i = 0; i < AccessControl.SLOWED_CHECKS.burst(); i++) {
        assertThat(enter(access, bad, loop)).startsWith("SLOWED");
      }
      assertThat(enter(access, token(issuer, "eve"), loop))
          .as("more than are checked at once")
          .startsWith("SLOWED");
      now.set(now.get().plus(Duration.ofMinutes(6)));
      assertThat(enter(access, known, loop)).as("checked again").isEqualTo("token:alice");
      now.set(now.get().plus(Duration.ofMinutes(60)));
      assertThat(enter(access, known, loop)).as("expired").startsWith("SLOWED");
      nowNs.addAndGet(TimeUnit.MINUTES.toNanos(1) / FailureLimits.DEFAULT.perMinute());
      assertThat(enter(access, bad, loop))
          .as("what was refused while it was slowed does not slow it for longer")
          .startsWith("BAD_CREDENTIALS");
    }
  }

  @Test
  void aTokenThatIsNotGoodAnyMoreHasNoAdvantage(@TempDir Path directory) throws Exception {
    Issuer issuer = new Issuer("");
    String known = token(issuer, "alice");
    AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    try (AccessControl access = new AccessControl(tokens(directory, issuer), () -> 0, now::get);
        FakeLoop loop = new FakeLoop(1 << 10)) {
      assertThat(enter(access, known, loop)).isEqualTo("token:alice");
      String bad = token(new Issuer(""), "alice");
      for (int i = 0; i < FailureLimits.DEFAULT.burst(); i++) {
        assertThat(enter(access, bad, loop)).startsWith("BAD_CREDENTIALS");
      }
      for (int i = 0; i < AccessControl.SLOWED_CHECKS.burst(); i++) {
        assertThat(enter(access, bad, loop)).startsWith("SLOWED");
      }
      now.set(now.get().plus(Duration.ofMinutes(70)));
      Queue<String> outcomes = new ArrayDeque<>();
      access.enter(PREDICT, from(REMOTE, "authorization", known), loop, into(outcomes));
      assertThat(outcomes).as("at once, unchecked").hasSize(1);
      assertThat(outcomes.element()).startsWith("SLOWED");
    }
  }

  /** What comes of a token, when it has been checked. */
  private static String enter(AccessControl access, String authorization, FakeLoop loop) {
    Queue<String> outcomes = new ArrayDeque<>();
    access.enter(PREDICT, from(REMOTE, "authorization", authorization), loop, into(outcomes));
    while (outcomes.isEmpty()) {
      loop.runTasks();
      Thread.onSpinWait();
    }
    return outcomes.remove();
  }

  /** What an issuer gives somebody for an hour. */
  private static String token(Issuer issuer, String subject) {
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer("issuer")
            .audience("salver")
            .subject(subject)
            .claim("roles", List.of("predict"))
            .expirationTime(Date.from(Instant.now().plus(Duration.ofHours(1))))
            .build();
    return "Bearer " + issuer.sign(JWSAlgorithm.ES256, claims);
  }

  private static AccessSettings tokens(Path directory, Issuer issuer) throws IOException {
    Path keys = Files.writeString(directory.resolve("keys.json"), issuer.publicKeys());
    TokenSettings tokens =
        new TokenSettings(
            "issuer",
            "salver",
            new TokenSettings.KeySource.File(keys),
            TokenSettings.ALGORITHMS,
            "roles",
            "",
            "sub",
            Duration.ZERO,
            Duration.ofMinutes(5),
            Limits.NONE);
    return new AccessSettings(
        false,
        Set.of(Role.PREDICT),
        List.of(),
        List.of(),
        Optional.of(tokens),
        FailureLimits.DEFAULT);
  }
}
