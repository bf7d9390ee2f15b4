package io.salver.server.tls;

import io.netty.handler.ssl.ClientAuth;

/** Whether clients show who they are. */
public enum ClientCertificates {
  /** They are not asked. */
  NONE(ClientAuth.NONE),
  /** They are asked; one that shows a certificate must show a good one. */
  OPTIONAL(ClientAuth.OPTIONAL),
  /** Those without a good certificate are refused. */
  REQUIRE(ClientAuth.REQUIRE);

  private final ClientAuth mode;

  ClientCertificates(ClientAuth mode) {
    this.mode = mode;
  }

  ClientAuth mode() {
    return mode;
  }
}
