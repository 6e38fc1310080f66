// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two nodes store to shared files through mappings, and each checks its own words.
 *
 *	stress NODE DIR FILES PAGES SECONDS
 *
 * NODE is 0 or 1. Node 0 makes the files DIR/s0, DIR/s1, ...; node 1 waits for them. A thread a
 * file. Each node owns one word of each page, stores a new number to it, and later compares: a
 * word that does not hold what its only writer stored last has been lost. Node 1 works in short
 * bursts, and every other burst with pwrite(), so that it takes the files away again and again.
 *
 * The last line has the sum. Exit status: 0 nothing was lost, 1 something was, 2 it could not run.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096L
#define FILES_MAX 64
/* a store that took longer had to fetch the file back from the other node */
#define SLOW 0.005

struct file {
	int number;
	long stores, slow, lost;
};

static int node, pages, seconds;
static const char *dir;
static double start;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* Under another name first: the file appears when it is whole. */
static void make(int number)
{
	static const char zeros[PAGE];
	char name[256], temporary[256];
	int fd;

	snprintf(name, sizeof(name), "%s/s%d", dir, number);
	snprintf(temporary, sizeof(temporary), "%s/s%d.new", dir, number);
	fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC, 0666);
	if (fd < 0)
		die(temporary);
	for (int i = 0; i < pages; i++)
		if (pwrite(fd, zeros, PAGE, i * PAGE) != PAGE)
			die("pwrite");
	if (fsync(fd) || close(fd) || rename(temporary, name))
		die(name);
}

static int wait_for(int number)
{
	char name[256];

	snprintf(name, sizeof(name), "%s/s%d", dir, number);
	for (int i = 0; i < 600; i++) {
		int fd = open(name, O_RDWR);

		if (fd >= 0)
			return fd;
		usleep(100000);
	}
	die(name);
	return -1;
}

static void *run(void *arg)
{
	struct file *f = arg;
	int fd = wait_for(f->number);
	char *map = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int64_t *mine = calloc(pages, sizeof(*mine));
	unsigned int seed = 1 + f->number * 2 + node;

	if (map == MAP_FAILED || !mine)
		die("mmap");
	for (int64_t round = 1; now() - start < seconds; round++) {
		int first = rand_r(&seed) % pages;
		int count = node == 0 ? pages : 1 + rand_r(&seed) % 8;

		for (int i = 0; i < count; i++) {
			int page = (first + i) % pages;
			long at = page * PAGE + node * 64;
			double before = now();

			if (node == 1 && round % 2) {
				if (pwrite(fd, &round, sizeof(round), at) != sizeof(round))
					die("pwrite");
			} else {
				*(volatile int64_t *)(map + at) = round;
			}
			mine[page] = round;
			f->stores++;
			if (now() - before > SLOW)
				f->slow++;
		}
		for (int i = 0; i < count; i++) {
			int page = (first + i) % pages;
			int64_t found = *(volatile int64_t *)(map + page * PAGE + node * 64);

			if (found == mine[page])
				continue;
			if (f->lost++ < 20)
				printf("LOST node %d file %d page %d: stored %lld, found %lld, %.1f s\n",
				       node, f->number, page, (long long)mine[page],
				       (long long)found, now() - start);
			mine[page] = found;
		}
		if (node == 1)
			usleep(rand_r(&seed) % 30000);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct file file[FILES_MAX] = { 0 }, all = { 0 };
	pthread_t thread[FILES_MAX];
	int files;

	if (argc != 6) {
		fprintf(stderr, "usage: stress NODE DIR FILES PAGES SECONDS\n");
		return 2;
	}
	node = atoi(argv[1]);
	dir = argv[2];
	files = atoi(argv[3]);
	pages = atoi(argv[4]);
	seconds = atoi(argv[5]);
	if (node < 0 || node > 1 || files < 1 || files > FILES_MAX || pages < 8 || seconds < 1) {
		fprintf(stderr, "stress: node 0 or 1, 1 to %d files, 8 pages or more\n", FILES_MAX);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; node == 0 && i < files; i++)
		make(i);
	start = now();
	for (int i = 0; i < files; i++) {
		file[i].number = i;
		if (pthread_create(&thread[i], NULL, run, &file[i]))
			die("pthread_create");
	}
	for (int i = 0; i < files; i++) {
		pthread_join(thread[i], NULL);
		all.stores += file[i].stores;
		all.slow += file[i].slow;
		all.lost += file[i].lost;
	}
	printf("node %d: %ld stores, %ld of them slow, %ld LOST, %.0f s\n", node, all.stores,
	       all.slow, all.lost, now() - start);
	return all.lost > 0;
}
