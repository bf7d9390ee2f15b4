/**
 * TLS for the ports of a listener: certificates, keys, and who of the clients has to show one.
 *
 * <p>Public face: {@code TlsCredentials}, {@code TlsOptions}, {@code TlsSource}, {@code TlsFiles},
 * {@code TlsMaterial}, {@code ClientCertificates}, {@code TlsException}.
 */
@NullMarked
package io.salver.server.tls;

import org.jspecify.annotations.NullMarked;
