/* Sends look-ups at a fixed rate, whatever the answers do ("open loop"), on kept connections. A
 * request that is due when all connections are busy waits for the next free one. Its latency counts
 * from the moment it was due, so a server that stalls cannot hide the requests that it delayed.
 *
 * Written in C because it must hold the rate of the fastest server on one core, without pauses of
 * its own. It reports how late it sent requests itself, which is part of the latencies as well.
 * open-load.ts compiles it, and describes the parameters and the report. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { maxConnections = 4096, bufferBytes = 65536, maxWords = 64 };

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t nowNs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Counts times in buckets that are at most 1 % wide: 128 for each power of two. */
typedef struct {
  uint64_t buckets[64 * 128];
  uint64_t count;
  int64_t most;
} Histogram;

static void note(Histogram *times, int64_t ns) {
  uint64_t value = ns < 0 ? 0 : (uint64_t)ns;
  int shift = value < 256 ? 0 : 56 - __builtin_clzll(value);
  times->buckets[shift * 128 + (value >> shift)] += 1;
  times->count += 1;
  if (ns > times->most) times->most = ns;
}

/* The upper end, in microseconds, of the bucket in which this share of all times ends. */
static double quantileUs(const Histogram *times, double share) {
  uint64_t wanted = (uint64_t)(share * times->count + 0.5), seen = 0;
  for (int i = 0; i < 64 * 128; i += 1) {
    seen += times->buckets[i];
    if (seen < wanted || seen == 0) continue;
    int shift = i < 256 ? 0 : i / 128 - 1;
    double end = (double)((uint64_t)(i - shift * 128 + 1) << shift);
    return (end < times->most ? end : times->most) / 1000.0;
  }
  return times->most / 1000.0;
}

typedef struct {
  int socket;
  int isBusy; /* it waits for an answer */
  int64_t dueNs;
  size_t received;
  size_t expected; /* 0 until the head of the answer was read */
  char buffer[bufferBytes];
} Connection;

static Connection *connections[maxConnections];
/* The free connections, the one that has waited longest first. */
static Connection *freeRing[maxConnections];
static size_t freeStart, freeCount, connectionCount;
static int64_t lastFreedNs; /* when a connection became free after all were busy */
static Histogram latencies, lateness;
static uint64_t answered, wrongStatus;
static int64_t startNs; /* of what counts */

static void release(Connection *connection) {
  freeRing[(freeStart + freeCount) % connectionCount] = connection;
  freeCount += 1;
}

/* The same requests as load.lua, with random numbers of its own. */
static char *before, *after, *words[3][maxWords];
static size_t wordCounts[3];
static uint64_t randomState, contacts;

static void readWords(int list, char *text) {
  for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
    if (wordCounts[list] < maxWords) words[list][wordCounts[list]++] = word;
  }
}

static uint64_t randomNumber(void) { /* splitmix64 */
  uint64_t mixed = randomState += 0x9e3779b97f4a7c15ULL;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31);
}

static void sendRequest(Connection *connection) {
  char text[8192];
  uint64_t i = randomNumber() % contacts;
  int length = snprintf(text, sizeof text, "%s%s.%s.%llu@%s%s", before,
                        words[0][i % wordCounts[0]], words[1][i % wordCounts[1]],
                        (unsigned long long)i, words[2][i % wordCounts[2]], after);
  if (length >= (int)sizeof text) fail("The request is too long");
  connection->received = connection->expected = 0;
  connection->isBusy = 1;
  /* A request is far smaller than the buffer of a socket that waits for nothing. */
  if (send(connection->socket, text, length, MSG_NOSIGNAL) != length) fail("send");
}

static void sendDue(int64_t dueNs, int64_t beganNs) {
  Connection *connection = freeRing[freeStart];
  freeStart = (freeStart + 1) % connectionCount;
  freeCount -= 1;
  connection->dueNs = dueNs;
  /* Time that passed while all connections were busy is the server's. */
  int64_t couldNs = dueNs > lastFreedNs ? dueNs : lastFreedNs;
  if (dueNs >= startNs) note(&lateness, beganNs - couldNs);
  sendRequest(connection);
}

static void readHead(Connection *connection) {
  char *buffer = connection->buffer;
  char *end = memmem(buffer, connection->received, "\r\n\r\n", 4);
  if (end == NULL) return;
  *end = 0;
  size_t length = 0;
  for (char *line = strstr(buffer, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
    if (strncasecmp(line + 2, "Content-Length:", 15) == 0) length = strtoul(line + 17, NULL, 10);
  }
  if (strncmp(buffer + 8, " 200", 4) != 0) wrongStatus += 1;
  connection->expected = (size_t)(end - buffer) + 4 + length;
  if (connection->expected > bufferBytes) fail("An answer is too long");
}

static void receive(Connection *connection) {
  ssize_t count = recv(connection->socket, connection->buffer + connection->received,
                       bufferBytes - connection->received, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) fail("The server closed a connection");
  /* Bytes after a whole answer are no other answer. */
  if (!connection->isBusy) return;
  connection->received += (size_t)count;
  if (connection->expected == 0) readHead(connection);
  if (connection->expected == 0 || connection->received < connection->expected) return;
  int64_t now = nowNs();
  connection->isBusy = 0;
  answered += 1;
  if (connection->dueNs >= startNs) note(&latencies, now - connection->dueNs);
  if (freeCount == 0) lastFreedNs = now;
  release(connection);
}

static void openConnections(int poll, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (size_t i = 0; i < connectionCount; i += 1) {
    Connection *connection = connections[i] = calloc(1, sizeof *connection);
    int socketId = connection->socket = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (connect(socketId, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    setsockopt(socketId, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(socketId, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, socketId, &event) != 0) fail("epoll_ctl");
    release(connection);
  }
}

/* Waits for answers, at most until the next request is due. */
static void waitForAnswers(int poll, int64_t untilNs) {
  struct epoll_event events[256];
  int64_t waitNs = untilNs - nowNs();
  if (waitNs < 0) waitNs = 0;
  struct timespec wait = {.tv_sec = waitNs / 1000000000, .tv_nsec = waitNs % 1000000000};
  int count = epoll_pwait2(poll, events, 256, &wait, NULL);
  if (count < 0 && errno != EINTR) fail("epoll_pwait2");
  for (int i = 0; i < count; i += 1) receive(events[i].data.ptr);
}

static double cpuSeconds(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec +
         (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Requests of the first half second are not counted: connections are new, and the server may have
 * been idle. */
static const int64_t leadNs = 500000000LL;

/* How long the last answers may take after the last request was due. */
static const int64_t patienceNs = 5000000000LL;

int main(int argc, char **argv) {
  if (argc != 12) {
    fprintf(stderr, "open-load PORT RATE SECONDS CONNECTIONS SEED CONTACTS BEFORE AFTER "
                    "FIRST LAST DOMAINS\n");
    return 2;
  }
  double rate = atof(argv[2]), seconds = atof(argv[3]);
  connectionCount = strtoul(argv[4], NULL, 10);
  if (connectionCount == 0 || connectionCount > maxConnections || rate <= 0) return 2;
  randomState = strtoull(argv[5], NULL, 10), contacts = strtoull(argv[6], NULL, 10);
  before = argv[7], after = argv[8];
  for (int list = 0; list < 3; list += 1) readWords(list, argv[9 + list]);

  prctl(PR_SET_TIMERSLACK, 1); /* or each wait would last 50 us longer */
  int poll = epoll_create1(0);
  openConnections(poll, atoi(argv[1]));
  uint64_t sent = 0, wanted = (uint64_t)(rate * (seconds + leadNs / 1e9));
  double cpuBefore = cpuSeconds();
  int64_t beganNs = nowNs(), lastNs = beganNs + leadNs + (int64_t)(seconds * 1e9) + patienceNs;
  startNs = beganNs + leadNs;
  for (;;) {
    int64_t dueNs = beganNs + (int64_t)(sent / rate * 1e9), now = nowNs();
    while (sent < wanted && freeCount > 0 && dueNs <= now) {
      sendDue(dueNs, now);
      sent += 1;
      dueNs = beganNs + (int64_t)(sent / rate * 1e9);
      now = nowNs();
    }
    if (answered == wanted || now > lastNs) break;
    waitForAnswers(poll, sent < wanted && freeCount > 0 ? dueNs : lastNs);
  }
  double wall = (nowNs() - beganNs) / 1e9;
  printf("{\"requests\":%llu,\"microseconds\":%.0f,\"wrongStatus\":%llu,\"failed\":%llu,",
         (unsigned long long)latencies.count, (nowNs() - startNs) / 1e3, (unsigned long long)wrongStatus,
         (unsigned long long)(wanted - answered));
  printf("\"p50Us\":%.1f,\"p99Us\":%.1f,\"p999Us\":%.1f,\"worstUs\":%.1f,",
         quantileUs(&latencies, 0.5), quantileUs(&latencies, 0.99), quantileUs(&latencies, 0.999),
         latencies.most / 1000.0);
  printf("\"lateP99Us\":%.1f,\"lateP999Us\":%.1f,\"lateWorstUs\":%.1f,\"cpuShare\":%.4f}\n",
         quantileUs(&lateness, 0.99), quantileUs(&lateness, 0.999), lateness.most / 1000.0,
         (cpuSeconds() - cpuBefore) / wall);
  return 0;
}
