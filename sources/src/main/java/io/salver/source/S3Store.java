package io.salver.source;

import io.salver.source.Digest.Kind;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * A store that speaks S3, through the AWS SDK. The base path's host is the bucket, its path the
 * prefix below which names are versions. A {@link ChecksumFile} there says what is complete;
 * without it every object counts.
 */
final class S3Store implements ModelStore {
  /** The most objects below one base path. */
  private static final int MAX_OBJECTS = 100_000;

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration READ_LIMIT = Duration.ofSeconds(30);
  private static final Pattern MD5 = Pattern.compile("\"?([0-9a-f]{32})\"?");

  /** Held, because a logger's level goes with it; below it, the SDK would log what it signs. */
  private static final Logger SDK_LOG = Logger.getLogger("software.amazon.awssdk");

  private final S3Client client;

  /**
   * A client, which connects when it is first asked.
   *
   * @throws StoreException if the SDK cannot make one from what it finds
   */
  S3Store(S3Options options) throws StoreException {
    SDK_LOG.setLevel(Level.WARNING);
    try {
      client = client(options);
    } catch (SdkException | IllegalArgumentException e) {
      throw new StoreException("stores.s3: " + Causes.of(e), e);
    }
  }

  private static S3Client client(S3Options options) {
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT_LIMIT)
                    .socketTimeout(READ_LIMIT))
            .credentialsProvider(credentials(options))
            // What was downloaded is checked as a whole, however often it broke off.
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .region(region(options))
            .forcePathStyle(options.pathStyle().orElse(hasOwnEndpoint(options)));
    options.endpoint().ifPresent(builder::endpointOverride);
    options
        .profile()
        .ifPresent(name -> builder.overrideConfiguration(o -> o.defaultProfileName(name)));
    if (!hasOwnEndpoint(options)) {
      builder.crossRegionAccessEnabled(true);
    }
    return builder.build();
  }

  private static AwsCredentialsProvider credentials(S3Options options) {
    if (options.anonymous()) {
      return AnonymousCredentialsProvider.create();
    }
    DefaultCredentialsProvider.Builder builder = DefaultCredentialsProvider.builder();
    options.profile().ifPresent(builder::profileName);
    return builder.build();
  }

  private static boolean hasOwnEndpoint(S3Options options) {
    return options.endpoint().isPresent()
        || System.getenv("AWS_ENDPOINT_URL_S3") != null
        || System.getenv("AWS_ENDPOINT_URL") != null;
  }

  private static Region region(S3Options options) {
    if (options.region().isPresent()) {
      return Region.of(options.region().get());
    }
    DefaultAwsRegionProviderChain.Builder chain = DefaultAwsRegionProviderChain.builder();
    options.profile().ifPresent(name -> chain.profileName(name));
    if (!hasOwnEndpoint(options)) {
      return chain.build().getRegion();
    }
    try {
      return chain.build().getRegion();
    } catch (SdkException e) {
      return Region.US_EAST_1;
    }
  }

  @Override
  public Listing list(URI base) throws StoreException, InterruptedException {
    Map<String, S3Object> objects = objects(base);
    S3Object checksums = objects.get(ChecksumFile.NAME);
    return checksums == null ? listing(objects) : listing(base, objects, checksums);
  }

  /** The objects below a base path, by what follows its slash. */
  private Map<String, S3Object> objects(URI base) throws StoreException, InterruptedException {
    String prefix = prefix(base);
    Map<String, S3Object> objects = new TreeMap<>();
    String token = null;
    int seen = 0;
    do {
      String from = token;
      ListObjectsV2Response page =
          call(
              base.toString(),
              () ->
                  client.listObjectsV2(
                      r -> r.bucket(bucket(base)).prefix(prefix).continuationToken(from)));
      for (S3Object object : page.contents()) {
        // A key that ends in a slash stands for a folder in the consoles of stores.
        if (object.key().startsWith(prefix) && !object.key().endsWith("/")) {
          objects.put(object.key().substring(prefix.length()), object);
        }
      }
      // A page without objects counts too: a broken store must not keep this going for ever.
      seen += Math.max(1, page.contents().size());
      if (seen > MAX_OBJECTS) {
        throw new StoreException(
            base + ": more than " + MAX_OBJECTS + " objects (expected: at most as many)");
      }
      token = Boolean.TRUE.equals(page.isTruncated()) ? page.nextContinuationToken() : null;
    } while (token != null);
    return objects;
  }

  private static Listing listing(Map<String, S3Object> objects) {
    Listing.Builder builder = new Listing.Builder(false);
    objects.forEach((path, object) -> add(builder, path, object, Optional.empty()));
    return builder.build();
  }

  private Listing listing(URI base, Map<String, S3Object> objects, S3Object checksums)
      throws StoreException, InterruptedException {
    String place = base + "/" + ChecksumFile.NAME;
    if (Objects.requireNonNullElse(checksums.size(), 0L) > ChecksumFile.MAX_BYTES) {
      throw new StoreException(
          place + ": larger than " + Sizes.shown(ChecksumFile.MAX_BYTES) + " (expected: smaller)");
    }
    byte[] bytes = read(base, place, checksums);
    Listing.Builder builder = new Listing.Builder(true);
    ChecksumFile.parse(place, bytes)
        .forEach((path, digest) -> {
          S3Object object = objects.get(path);
          if (object == null) {
            builder.add(path, -1, "", Optional.of(digest), Instant.EPOCH);
            builder.refuse(
                path,
                StoredPaths.shown(path) + " is listed in " + ChecksumFile.NAME + " and absent");
          } else {
            add(builder, path, object, Optional.of(digest));
          }
        });
    return builder.build();
  }

  private byte[] read(URI base, String place, S3Object checksums)
      throws StoreException, InterruptedException {
    GetObjectRequest request =
        GetObjectRequest.builder()
            .bucket(bucket(base))
            .key(checksums.key())
            .ifMatch(checksums.eTag())
            .build();
    try (InputStream body = new Aborting(call(place, () -> client.getObject(request)))) {
      return ChecksumFile.read(place, body, READ_LIMIT);
    } catch (StoreException e) {
      throw e;
    } catch (AbortedException e) {
      throw new InterruptedException("stopped");
    } catch (IOException | SdkException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("stopped");
      }
      throw new StoreException(place + ": " + Causes.of(e), e);
    }
  }

  private static void add(
      Listing.Builder builder, String path, S3Object object, Optional<Digest> digest) {
    // Not all that speak the protocol say everything.
    builder.add(
        path,
        Objects.requireNonNullElse(object.size(), -1L),
        Objects.requireNonNullElse(object.eTag(), ""),
        digest,
        Objects.requireNonNullElse(object.lastModified(), Instant.EPOCH));
  }

  @Override
  public StoredFile examine(URI base, StoredVersion version, StoredFile file)
      throws StoreException, InterruptedException {
    if (file.digest().isPresent()) {
      return file;
    }
    String place = base + "/" + version.directory() + "/" + StoredPaths.shown(file.path());
    HeadObjectResponse head =
        call(
            place,
            () ->
                client.headObject(r ->
                    r.bucket(bucket(base))
                        .key(key(base, version, file))
                        .checksumMode(ChecksumMode.ENABLED)));
    if (!Objects.equals(head.eTag(), file.tag())
        || !Objects.equals(head.contentLength(), file.sizeBytes())) {
      throw new StoreException.Changed(place + ": changed since it was listed");
    }
    return new StoredFile(file.path(), file.sizeBytes(), file.tag(), digest(head));
  }

  /** The strongest checksum of the whole object; those of parts are not compared. */
  private static Optional<Digest> digest(HeadObjectResponse head) {
    return stored(Kind.SHA256, head.checksumSHA256())
        .or(() -> stored(Kind.SHA1, head.checksumSHA1()))
        .or(() -> stored(Kind.CRC64NVME, head.checksumCRC64NVME()))
        .or(() -> stored(Kind.CRC32C, head.checksumCRC32C()))
        .or(() -> stored(Kind.CRC32, head.checksumCRC32()))
        .or(() -> md5(head));
  }

  private static Optional<Digest> stored(Kind kind, @Nullable String base64) {
    // With "-" and the number of parts behind it, it is one of the parts' checksums.
    return base64 == null || base64.contains("-")
        ? Optional.empty()
        : Optional.of(
            new Digest(kind, HexFormat.of().formatHex(Base64.getDecoder().decode(base64))));
  }

  /** The tag is the MD5, unless the object came in parts or is encrypted with a key of its own. */
  private static Optional<Digest> md5(HeadObjectResponse head) {
    ServerSideEncryption encryption = head.serverSideEncryption();
    boolean plain = encryption == null || encryption == ServerSideEncryption.AES256;
    if (!plain || head.sseCustomerAlgorithm() != null) {
      return Optional.empty();
    }
    return Optional.of(MD5.matcher(Objects.requireNonNullElse(head.eTag(), "")))
        .filter(matcher -> matcher.matches())
        .map(matcher -> new Digest(Kind.MD5, matcher.group(1)));
  }

  @Override
  public Body open(
      URI base, StoredVersion version, StoredFile file, long offset, @Nullable String tag)
      throws StoreException, InterruptedException {
    String place = base + "/" + version.directory() + "/" + StoredPaths.shown(file.path());
    GetObjectRequest.Builder request =
        GetObjectRequest.builder().bucket(bucket(base)).key(key(base, version, file)).ifMatch(tag);
    if (offset > 0) {
      request.range("bytes=" + offset + "-");
    }
    ResponseInputStream<GetObjectResponse> stream =
        call(place, () -> client.getObject(request.build()));
    GetObjectResponse response = stream.response();
    boolean partial = offset > 0 && response.contentRange() != null;
    long from = partial ? offset : 0;
    Long length = response.contentLength();
    long sizeBytes = length == null ? -1 : from + length;
    return new Body(new Aborting(stream), from, sizeBytes, response.eTag());
  }

  private static String bucket(URI base) {
    return base.getAuthority();
  }

  /** What the keys of a base path begin with. */
  private static String prefix(URI base) {
    String path = base.getPath();
    return path.isEmpty() ? "" : path.substring(1) + "/";
  }

  private static String key(URI base, StoredVersion version, StoredFile file) {
    return prefix(base) + version.directory() + "/" + file.path();
  }

  private static <T> T call(String place, Supplier<T> call)
      throws StoreException, InterruptedException {
    try {
      return call.get();
    } catch (AbortedException e) {
      throw new InterruptedException("stopped");
    } catch (S3Exception e) {
      if (e.statusCode() == 412 || e.statusCode() == 416) {
        throw new StoreException.Changed(place + ": changed while it was read");
      }
      throw new StoreException(place + ": " + reason(e), e);
    } catch (SdkException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("stopped");
      }
      throw new StoreException(place + ": " + Causes.of(e), e);
    }
  }

  /** Without the identity of the request, which is another each time. */
  private static String reason(S3Exception e) {
    AwsErrorDetails details = e.awsErrorDetails();
    String code = details == null ? null : details.errorCode();
    String message = details == null ? null : details.errorMessage();
    return "status "
        + e.statusCode()
        + (code == null ? "" : " " + StoredPaths.shown(code))
        + (message == null ? "" : ": " + StoredPaths.shown(message));
  }

  @Override
  public void close() {
    client.close();
  }

  /** Ends the connection when it is closed early, in place of reading all that is still to come. */
  private static final class Aborting extends FilterInputStream {
    private final ResponseInputStream<GetObjectResponse> response;
    private volatile boolean ended;

    Aborting(ResponseInputStream<GetObjectResponse> response) {
      super(response);
      this.response = response;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      ended |= read < 0;
      return read;
    }

    @Override
    public void close() throws IOException {
      if (ended) {
        InputStream stream = response;
        stream.close();
      } else {
        response.abort();
      }
    }
  }
}
