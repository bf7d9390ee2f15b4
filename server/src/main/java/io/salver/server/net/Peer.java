package io.salver.server.net;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Who is at the other end of a connection, as far as the connection itself tells.
 *
 * @param address the client's address without its port; empty for a Unix socket
 * @param names who the client is by the certificate that it has shown and TLS has checked, as
 *     {@link CertificateNames} writes them; empty if it has shown none
 */
public record Peer(Kind kind, String address, List<String> names) {
  /** Where the client is. */
  public enum Kind {
    /** On this machine, with access to the socket's file. */
    UNIX_SOCKET,
    /** On this machine. */
    LOOPBACK,
    /** On another machine, or behind this machine's own outer address. */
    REMOTE
  }

  public Peer {
    names = List.copyOf(names);
  }

  /** The peer of a connection whose handshake, if there is one, is over. */
  public static Peer of(Channel channel) {
    if (channel.remoteAddress() instanceof InetSocketAddress address
        && address.getAddress() != null) {
      return new Peer(
          address.getAddress().isLoopbackAddress() ? Kind.LOOPBACK : Kind.REMOTE,
          address.getAddress().getHostAddress(),
          names(channel));
    }
    return channel.localAddress() instanceof InetSocketAddress
        ? new Peer(Kind.REMOTE, "unknown", List.of())
        : new Peer(Kind.UNIX_SOCKET, "", List.of());
  }

  private static List<String> names(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null || !(tls.engine().getNeedClientAuth() || tls.engine().getWantClientAuth())) {
      return List.of();
    }
    try {
      Certificate[] chain = tls.engine().getSession().getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate leaf
          ? CertificateNames.of(leaf)
          : List.of();
    } catch (SSLPeerUnverifiedException e) {
      return List.of();
    }
  }

  /** Whether the client is on this machine. */
  public boolean isLocal() {
    return kind != Kind.REMOTE;
  }
}
