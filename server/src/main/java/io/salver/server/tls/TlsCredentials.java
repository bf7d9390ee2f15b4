package io.salver.server.tls;

import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that a listener shows, kept up to date: its source is read again and again, and
 * what it has now is used from then on. What cannot be used is logged, and the last that could be
 * stays in use. Thread-safe.
 */
public final class TlsCredentials implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(TlsCredentials.class.getName());
  private static final Duration SOON = Duration.ofDays(14);

  private final TlsSource source;
  private final TlsOptions options;
  private final SslProvider provider;
  private final ScheduledExecutorService reloader;
  private volatile SslContext context;

  /** Of what was read last, whether it could be used or not. On the reloader after the start. */
  private String seen;

  /** What was said last about a source that cannot be used. On the reloader. */
  private String complaint = "";

  private TlsCredentials(TlsSource source, TlsOptions options, SslProvider provider)
      throws TlsException {
    this.source = source;
    this.options = options;
    this.provider = provider;
    TlsMaterial material = source.read();
    this.seen = material.fingerprint();
    this.context = ready(material, provider);
    this.reloader =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("salver-tls").factory());
  }

  /**
   * Reads the source and goes on doing so until closed.
   *
   * @throws TlsException if what it has at first cannot be used
   */
  public static TlsCredentials start(TlsSource source, TlsOptions options) throws TlsException {
    return start(source, options, TlsContexts.best());
  }

  static TlsCredentials start(TlsSource source, TlsOptions options, SslProvider provider)
      throws TlsException {
    TlsCredentials credentials = new TlsCredentials(source, options, provider);
    long intervalNs = options.reloadInterval().toNanos();
    if (intervalNs > 0) {
      credentials.reloader.scheduleWithFixedDelay(
          credentials::reload, intervalNs, intervalNs, TimeUnit.NANOSECONDS);
    }
    return credentials;
  }

  /** Reads the source again, and uses what it has if that is new and good. */
  void reload() {
    try {
      TlsMaterial material = source.read();
      String fingerprint = material.fingerprint();
      if (!fingerprint.equals(seen)) {
        seen = fingerprint;
        context = ready(material, provider);
        complaint = "";
      }
    } catch (TlsException e) {
      sayKept(e.getMessage());
    } catch (RuntimeException e) {
      sayKept(e.toString());
    }
  }

  private void sayKept(@Nullable String why) {
    String said = String.valueOf(why);
    if (said.equals(complaint)) {
      return;
    }
    complaint = said;
    LOG.log(System.Logger.Level.WARNING, "TLS: the certificate in use is kept: {0}", said);
  }

  private static SslContext ready(TlsMaterial material, SslProvider provider) throws TlsException {
    TlsContexts.Ready ready = TlsContexts.of(material, provider);
    X509Certificate leaf = ready.leaf();
    Instant end = leaf.getNotAfter().toInstant();
    boolean late = Instant.now().plus(SOON).isAfter(end);
    LOG.log(
        late ? System.Logger.Level.WARNING : System.Logger.Level.INFO,
        "TLS by {0}: certificate of {1}, valid until {2}, client certificates {3}",
        provider,
        leaf.getSubjectX500Principal(),
        end,
        material.clientCertificates());
    return ready.context();
  }

  /**
   * The handler that goes first in the pipeline of a new connection. By any thread.
   *
   * @param forPlainText takes its place where the client does not speak TLS
   */
  public ChannelHandler newHandler(ChannelHandler forPlainText) {
    return new TlsDetector(context, options.handshakeTimeout(), forPlainText);
  }

  /** Reads the source no more. What was read last stays in use. */
  @Override
  public void close() {
    reloader.shutdownNow();
  }
}
