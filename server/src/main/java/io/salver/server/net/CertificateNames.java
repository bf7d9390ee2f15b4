package io.salver.server.net;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import javax.security.auth.x500.X500Principal;

/**
 * The names in a client's certificate: {@code subject:} and the distinguished name as RFC 2253 has
 * it, then {@code email:}, {@code dns:}, {@code uri:} and {@code ip:} with each alternative name.
 */
final class CertificateNames {
  /** The numbers that RFC 5280 gives to kinds of alternative names. */
  private static final Map<Integer, String> KINDS =
      Map.of(1, "email:", 2, "dns:", 6, "uri:", 7, "ip:");

  private CertificateNames() {}

  /** A certificate whose alternative names cannot be read has its subject only. */
  static List<String> of(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    names.add("subject:" + certificate.getSubjectX500Principal().getName(X500Principal.RFC2253));
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        alternatives.forEach(alternative -> add(alternative, names));
      }
    } catch (CertificateParsingException e) {
      return names.subList(0, 1);
    }
    return names;
  }

  private static void add(List<?> alternative, List<String> names) {
    String kind = KINDS.get(alternative.get(0));
    if (kind != null && alternative.get(1) instanceof String name) {
      names.add(kind + name);
    }
  }
}
