package io.salver.server.access;

import io.salver.server.access.AccessSettings.CertificateHolder;
import io.salver.server.access.AccessSettings.KeyHolder;
import io.salver.server.access.Refusal.Reason;
import io.salver.server.net.LoopContext;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides who makes a request, and whether it is served. Thread-safe.
 *
 * <p>Credentials count in this order: an API key in the header {@code salver-api-key}, what the
 * header {@code authorization} bears, the client's certificate. Whoever shows something that is not
 * accepted is refused, whatever anonymous callers may do; whoever does so often is slowed for a
 * time: of the tokens that come from there, only those that were found good before are checked, and
 * {@linkplain #SLOWED_CHECKS a few} others. API keys are always checked: that costs next to
 * nothing.
 */
public final class AccessControl implements AutoCloseable {
  private static final String API_KEY_HEADER = "salver-api-key";
  private static final String BEARER = "Bearer ";
  private static final int MAX_LENGTH = 8 << 10;

  /** How many tokens that are not known are checked for all slowed addresses together. */
  static final Limits SLOWED_CHECKS = new Limits(50, 50, 0);

  private static final Refusal BUSY =
      new Refusal(
          Reason.BUSY,
          "credentials: too many are being checked (expected: another try later)",
          Duration.ofSeconds(1));
  private static final Refusal NO_KEYS =
      new Refusal(
          Reason.BUSY,
          "credentials: the keys of tokens are not there yet (expected: another try later)",
          Duration.ofSeconds(10));

  /** Any of these says that somebody else's request came through a proxy on this machine. */
  private static final List<String> FORWARDED =
      List.of("x-forwarded-for", "forwarded", "x-real-ip");

  /** What becomes of a request; called once, on the loop of its connection. */
  public interface Outcome {
    /** It is served, on behalf of {@code principal}. */
    void admitted(Principal principal);

    /** It is answered with a refusal. */
    void refused(Refusal refusal);
  }

  private record Key(ApiKey key, Principal principal) {}

  private final boolean open;
  private final Principal anonymous;
  private final Map<String, Key> keys = new HashMap<>();
  private final Map<String, Principal> certificates = new HashMap<>();
  private final VerifiedTokens verified = new VerifiedTokens();
  private final FailedAttempts attempts;
  private final Allowance slowedChecks;
  private final @Nullable TokenChecks tokens;
  private final InstantSource clock;
  private final Map<Reason, LongAdder> refusals = new EnumMap<>(Reason.class);

  /**
   * Access as {@code settings} say.
   *
   * @param nanoTime as {@link System#nanoTime()}
   * @throws IllegalArgumentException if something that they name cannot be used
   */
  public AccessControl(AccessSettings settings, LongSupplier nanoTime, InstantSource clock) {
    this.open = settings.open();
    this.anonymous = Principal.anonymous(settings.anonymous());
    this.clock = clock;
    for (KeyHolder holder : settings.keys()) {
      Allowance allowance = new Allowance(holder.name(), holder.limits(), nanoTime, clock);
      Principal principal = new Principal(holder.name(), holder.roles(), allowance);
      keys.put(holder.key().id(), new Key(holder.key(), principal));
    }
    for (CertificateHolder holder : settings.certificates()) {
      Allowance allowance = new Allowance(holder.name(), holder.limits(), nanoTime, clock);
      certificates.put(
          holder.certificate(), new Principal(holder.name(), holder.roles(), allowance));
    }
    this.attempts = new FailedAttempts(settings.failures(), nanoTime);
    this.slowedChecks = new Allowance("slowed addresses", SLOWED_CHECKS, nanoTime, clock);
    this.tokens =
        settings.tokens().isPresent()
            ? new TokenChecks(settings.tokens().get(), nanoTime, clock)
            : null;
    for (Reason reason : Reason.values()) {
      refusals.put(reason, new LongAdder());
    }
  }

  /**
   * Decides on a request, now or later.
   *
   * @param loop that of its connection, which is the caller's
   */
  public void enter(AccessRule rule, Caller caller, LoopContext loop, Outcome outcome) {
    if (open || rule.anyOf().isEmpty()) {
      settle(rule, anonymous, caller, outcome);
      return;
    }
    String apiKey = caller.header(API_KEY_HEADER);
    String authorization = apiKey == null ? caller.header("authorization") : null;
    if (apiKey == null && authorization == null) {
      settle(rule, byCertificate(caller), caller, outcome);
      return;
    }
    String shown = apiKey != null ? apiKey : bearer(authorization);
    String credential = shown.length() > MAX_LENGTH ? "" : shown;
    Principal known = verified.find(credential, clock.millis());
    Principal principal = known != null ? known : byApiKey(credential);
    if (principal != null) {
      settle(rule, principal, caller, outcome);
      return;
    }
    Refusal slowed = attempts.refusal(caller.peer());
    if (tokens == null || !Tokens.isToken(credential)) {
      notAccepted(slowed, rule, caller, outcome);
    } else if (slowed != null && !isCheckedThough(credential)) {
      refuse(outcome, slowed);
    } else if (!tokens.check(
        credential, new Check(credential, slowed, rule, caller, loop, outcome))) {
      refuse(outcome, BUSY);
    }
  }

  /** Whether a token is checked though it comes from an address that is slowed. */
  private boolean isCheckedThough(String token) {
    return verified.wasGood(token, clock.millis()) || slowedChecks.take() == null;
  }

  /** What becomes of a request whose token was checked, on the request's own loop again. */
  private final class Check implements TokenChecks.Result {
    private final String token;
    private final @Nullable Refusal slowed;
    private final AccessRule rule;
    private final Caller caller;
    private final LoopContext loop;
    private final Outcome outcome;

    Check(
        String token,
        @Nullable Refusal slowed,
        AccessRule rule,
        Caller caller,
        LoopContext loop,
        Outcome outcome) {
      this.token = token;
      this.slowed = slowed;
      this.rule = rule;
      this.caller = caller;
      this.loop = loop;
      this.outcome = outcome;
    }

    @Override
    public void accepted(Tokens.Accepted accepted) {
      verified.put(token, accepted.principal(), accepted.untilMs(), accepted.endMs());
      loop.execute(() -> settle(rule, accepted.principal(), caller, outcome));
    }

    @Override
    public void refused() {
      verified.remove(token);
      loop.execute(() -> notAccepted(slowed, rule, caller, outcome));
    }

    @Override
    public void unknown() {
      loop.execute(() -> refuse(outcome, NO_KEYS));
    }
  }

  private Principal byCertificate(Caller caller) {
    if (!certificates.isEmpty()) {
      for (String name : caller.peer().names()) {
        Principal principal = certificates.get(name);
        if (principal != null) {
          return principal;
        }
      }
    }
    return anonymous;
  }

  /** What an authorization bears; empty if it is of another kind. */
  private static String bearer(@Nullable String authorization) {
    return authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? authorization.substring(BEARER.length()).strip()
        : "";
  }

  private @Nullable Principal byApiKey(String text) {
    Key key = keys.get(ApiKey.idOf(text));
    if (key == null || !key.key.matches(text)) {
      return null;
    }
    verified.put(text, key.principal, Long.MAX_VALUE, Long.MAX_VALUE);
    return key.principal;
  }

  private void settle(AccessRule rule, Principal principal, Caller caller, Outcome outcome) {
    Refusal refusal = refusal(rule, principal, caller);
    if (refusal == null) {
      refusal = principal.allowance().take();
    }
    if (refusal == null) {
      outcome.admitted(principal);
    } else {
      refuse(outcome, refusal);
    }
  }

  /**
   * Takes from the allowance of {@code principal} for something more than the request that was
   * admitted; null, or why it is not to be had.
   */
  public @Nullable Refusal takeMore(Principal principal) {
    Refusal refusal = principal.allowance().take();
    if (refusal != null) {
      count(refusal);
    }
    return refusal;
  }

  private @Nullable Refusal refusal(AccessRule rule, Principal principal, Caller caller) {
    boolean anybody = rule.anyOf().isEmpty();
    if (rule.control() && principal.isAnonymous() && !isLocal(caller) && (open || !anybody)) {
      return open
          ? Refusal.of(
              Reason.FORBIDDEN,
              "control: from "
                  + caller.peer().address()
                  + " (expected: from this machine, or with an API key: see access in the"
                  + " configuration)")
          : noCredentials(rule);
    }
    if (anybody || principal.hasAnyOf(rule.anyOf())) {
      return null;
    }
    return principal.isAnonymous()
        ? noCredentials(rule)
        : Refusal.of(
            Reason.FORBIDDEN, "role: " + principal + " (expected: the role " + rule.needs() + ")");
  }

  private static boolean isLocal(Caller caller) {
    return caller.peer().isLocal()
        && FORWARDED.stream().allMatch(header -> caller.header(header) == null);
  }

  private static Refusal noCredentials(AccessRule rule) {
    return Refusal.of(
        Reason.NO_CREDENTIALS,
        "credentials: none (expected: those of the role " + rule.needs() + ")");
  }

  private static Refusal badCredentials(AccessRule rule) {
    return Refusal.of(
        Reason.BAD_CREDENTIALS,
        "credentials: not accepted (expected: those of "
            + (rule.anyOf().isEmpty() ? "any role" : "the role " + rule.needs())
            + ")");
  }

  /** Checks no tokens any more. */
  @Override
  public void close() {
    if (tokens != null) {
      tokens.close();
    }
  }

  /** Refuses credentials; {@code slowed} says that those of their address are, and why. */
  private void notAccepted(
      @Nullable Refusal slowed, AccessRule rule, Caller caller, Outcome outcome) {
    if (slowed != null) {
      refuse(outcome, slowed);
      return;
    }
    attempts.failed(caller.peer());
    refuse(outcome, badCredentials(rule));
  }

  private void refuse(Outcome outcome, Refusal refusal) {
    count(refusal);
    outcome.refused(refusal);
  }

  private void count(Refusal refusal) {
    LongAdder count = refusals.get(refusal.reason());
    if (count != null) {
      count.increment();
    }
  }

  /** How many requests were refused for this reason. */
  public long refused(Reason reason) {
    LongAdder count = refusals.get(reason);
    return count == null ? 0 : count.sum();
  }
}
