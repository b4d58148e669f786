--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: _sqlx_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);


--
-- Name: articles; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.articles (
    id uuid NOT NULL,
    publisher text NOT NULL COLLATE pg_catalog."C",
    language text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    url text COLLATE pg_catalog."C",
    published_on text COLLATE pg_catalog."C",
    published_first date,
    published_last date,
    body text COLLATE pg_catalog."C",
    excerpt text COLLATE pg_catalog."C",
    body_sha256 text COLLATE pg_catalog."C",
    folded_sha256 text COLLATE pg_catalog."C",
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: attendance; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.attendance (
    id uuid NOT NULL,
    meeting_id uuid NOT NULL,
    participant_id uuid NOT NULL,
    role text NOT NULL COLLATE pg_catalog."C",
    delegate_name text COLLATE pg_catalog."C",
    delegate_office text COLLATE pg_catalog."C",
    adopted boolean,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: changes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.changes (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    op text NOT NULL COLLATE pg_catalog."C",
    resource text NOT NULL COLLATE pg_catalog."C",
    record_id uuid NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    before text COLLATE pg_catalog."C",
    after text COLLATE pg_catalog."C",
    reason text COLLATE pg_catalog."C"
);


--
-- Name: citations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.citations (
    id uuid NOT NULL,
    participant_id uuid,
    coalition_id uuid,
    meeting_id uuid,
    pledge_id uuid,
    event_id uuid,
    article_id uuid NOT NULL,
    quote text COLLATE pg_catalog."C",
    quote_start bigint,
    quote_end bigint,
    states jsonb NOT NULL,
    preferred boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone,
    CONSTRAINT citations_check CHECK ((((((
CASE
    WHEN (participant_id IS NULL) THEN 0
    ELSE 1
END +
CASE
    WHEN (coalition_id IS NULL) THEN 0
    ELSE 1
END) +
CASE
    WHEN (meeting_id IS NULL) THEN 0
    ELSE 1
END) +
CASE
    WHEN (pledge_id IS NULL) THEN 0
    ELSE 1
END) +
CASE
    WHEN (event_id IS NULL) THEN 0
    ELSE 1
END) = 1))
);


--
-- Name: coalitions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.coalitions (
    id uuid NOT NULL,
    slug text NOT NULL COLLATE pg_catalog."C",
    names jsonb NOT NULL,
    founded_on text COLLATE pg_catalog."C",
    founded_first date,
    description text COLLATE pg_catalog."C",
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events (
    id uuid NOT NULL,
    pledge_id uuid NOT NULL,
    stage text NOT NULL COLLATE pg_catalog."C",
    occurred_on text NOT NULL COLLATE pg_catalog."C",
    occurred_first date NOT NULL,
    amount bigint,
    over boolean NOT NULL,
    note text COLLATE pg_catalog."C",
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: idempotency_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.idempotency_keys (
    holder_id uuid NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    fingerprint bytea NOT NULL,
    status bigint NOT NULL,
    headers text NOT NULL COLLATE pg_catalog."C",
    body bytea NOT NULL,
    at timestamp with time zone NOT NULL
);


--
-- Name: keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.keys (
    id uuid NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    old_hash bytea,
    old_until timestamp with time zone,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    resources jsonb,
    participant_id uuid,
    note text COLLATE pg_catalog."C",
    version bigint NOT NULL,
    updated_at timestamp with time zone NOT NULL
);


--
-- Name: meetings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.meetings (
    id uuid NOT NULL,
    slug text NOT NULL COLLATE pg_catalog."C",
    titles jsonb NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    coalition_id uuid,
    starts_on text NOT NULL COLLATE pg_catalog."C",
    starts_first date NOT NULL,
    starts_last date NOT NULL,
    ends_on text COLLATE pg_catalog."C",
    city text COLLATE pg_catalog."C",
    country_id uuid,
    headline_amount bigint,
    need_amount bigint,
    headline_currency text COLLATE pg_catalog."C",
    participant_count bigint,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: member_periods; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.member_periods (
    member_id uuid NOT NULL,
    "position" bigint NOT NULL,
    joined_on text NOT NULL COLLATE pg_catalog."C",
    joined_first date NOT NULL,
    left_on text COLLATE pg_catalog."C",
    left_last date
);


--
-- Name: members; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.members (
    id uuid NOT NULL,
    coalition_id uuid NOT NULL,
    participant_id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: participants; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.participants (
    id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    names jsonb NOT NULL,
    former_names jsonb NOT NULL,
    aliases jsonb NOT NULL,
    merged_into uuid,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: pledges; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pledges (
    id uuid NOT NULL,
    participant_id uuid,
    meeting_id uuid,
    parent_id uuid,
    restates_id uuid,
    beneficiary_id uuid,
    instrument text NOT NULL COLLATE pg_catalog."C",
    qualifier text COLLATE pg_catalog."C",
    currency text COLLATE pg_catalog."C",
    amount_min bigint,
    amount bigint,
    amount_max bigint,
    purpose text COLLATE pg_catalog."C",
    announced_on text COLLATE pg_catalog."C",
    announced_first date,
    announced_last date,
    announced_by_name text COLLATE pg_catalog."C",
    announced_by_office text COLLATE pg_catalog."C",
    period_from text COLLATE pg_catalog."C",
    period_to text COLLATE pg_catalog."C",
    conditions text COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    pledged_min bigint,
    pledged bigint,
    pledged_max bigint,
    counted_min bigint,
    counted bigint,
    counted_max bigint,
    committed bigint,
    paid bigint,
    withdrawn bigint,
    outstanding bigint,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    retracted_at timestamp with time zone
);


--
-- Name: rates; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rates (
    id uuid NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    date date NOT NULL,
    source text NOT NULL COLLATE pg_catalog."C",
    per_usd text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    waived boolean NOT NULL
);


--
-- Name: revision; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.revision (
    id bigint NOT NULL,
    logged bigint NOT NULL,
    unlogged bigint NOT NULL,
    CONSTRAINT revision_id_check CHECK ((id = 1))
);


--
-- Name: rollups; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rollups (
    level text NOT NULL COLLATE pg_catalog."C",
    key1 text NOT NULL COLLATE pg_catalog."C",
    key2 text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    restated boolean NOT NULL,
    pledges bigint NOT NULL,
    with_min bigint NOT NULL,
    with_point bigint NOT NULL,
    with_max bigint NOT NULL,
    pledged_min bigint NOT NULL,
    pledged bigint NOT NULL,
    pledged_max bigint NOT NULL,
    counted_min bigint NOT NULL,
    counted bigint NOT NULL,
    counted_max bigint NOT NULL,
    committed bigint NOT NULL,
    paid bigint NOT NULL,
    withdrawn bigint NOT NULL,
    outstanding bigint NOT NULL
);


--
-- Data for Name: _sqlx_migrations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public._sqlx_migrations VALUES (1, 'register', '2026-11-27 23:17:26.04514+00', true, '\xe2357c97e7fffa0465a55d2b7fe81f42962a7398a5155f054ce6b425d85a608be6d02c93e6b779d92c4e8696b102eb76', 35545879);
INSERT INTO public._sqlx_migrations VALUES (2, 'waived rates', '2026-11-27 23:17:26.092594+00', true, '\xfd671f530b5e32749016b866ee503cb62752b7962306f8a859e9504bbf0eee0024948f7ffb27bbe522f8e02a80183d74', 1545343);
INSERT INTO public._sqlx_migrations VALUES (3, 'revision', '2026-11-27 23:17:26.104449+00', true, '\x2911393e3556084e0b9f8277532b2a9450a4444a4a8ecf81a95a81ed461c2081bcbea84eabfe06cc4365570e45433faa', 2947864);
INSERT INTO public._sqlx_migrations VALUES (4, 'keys', '2026-11-27 23:17:26.120961+00', true, '\x06fde1f513f3b6013c6040d315a7a6f7099bc22302f32be40e2c931d2ce8613a9b1dbe98585a4f6f1ca837e8cf193262', 2938831);


--
-- Data for Name: articles; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.articles VALUES ('01a21f4c-a5c7-74ec-8771-2d5ad18d9dd3', 'Example', 'en', 'Kuwait', 'news', NULL, NULL, NULL, NULL, 'The United States pledged 200 million dollars in Kuwait. تعهدت الولايات المتحدة بتقديم 200 مليون دولار.', 'The United States pledged 200 million dollars in Kuwait. تعهدت الولايات المتحدة بتقديم 200 مليون دولار.', '6062cf2962e6161570659b0c176943b1e52690257bf3310039cb4d7df8ca895f', '6062cf2962e6161570659b0c176943b1e52690257bf3310039cb4d7df8ca895f', 1, '2026-11-27 23:17:26.598516+00', '2026-11-27 23:17:26.598516+00', NULL);
INSERT INTO public.articles VALUES ('01a21f4c-a72e-7690-a3b7-5b5b7e7b06d3', 'Example', 'en', '0', 'report', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '2026-11-27 23:17:26.957934+00', '2026-11-27 23:17:26.957934+00', NULL);
INSERT INTO public.articles VALUES ('01a21f4c-a72f-732b-8353-b14bbd88bb39', 'Example', 'en', '1', 'report', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '2026-11-27 23:17:26.957934+00', '2026-11-27 23:17:26.957934+00', NULL);
INSERT INTO public.articles VALUES ('01a21f4c-a72f-732b-8353-b14c39138ec2', 'Example', 'en', '2', 'report', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '2026-11-27 23:17:26.957934+00', '2026-11-27 23:17:26.957934+00', NULL);


--
-- Data for Name: attendance; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.attendance VALUES ('01a21f4c-a51c-73e9-869f-5d61c230123b', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', '01a21f4c-a4e4-7606-8806-f50c3049ee7b', 'co_chair', 'A. Example', NULL, NULL, 1, '2026-11-27 23:17:26.427045+00', '2026-11-27 23:17:26.427045+00', NULL);


--
-- Data for Name: changes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.changes VALUES (1, '2026-11-27 23:17:26.134831+00', 'pledgebook', 'create', 'keys', '01a21f4c-a3f9-76bd-8559-b8cf3fbc62d1', 'desk', 1, NULL, NULL, NULL);
INSERT INTO public.changes VALUES (2, '2026-11-27 23:17:26.370655+00', 'desk', 'create', 'participants', '01a21f4c-a4e4-7606-8806-f50c3049ee7b', 'USA', 1, NULL, '{"id":"01a21f4c-a4e4-7606-8806-f50c3049ee7b","code":"USA","kind":"state","names":{"ar":"الولايات المتحدة","en":"United States"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T23:17:26.370655Z","updated_at":"2026-11-27T23:17:26.370655Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (3, '2026-11-27 23:17:26.377532+00', 'desk', 'create', 'participants', '01a21f4c-a4ea-7152-9c77-84d4645ff289', 'KWT', 1, NULL, '{"id":"01a21f4c-a4ea-7152-9c77-84d4645ff289","code":"KWT","kind":"state","names":{"ar":"الكويت","en":"Kuwait"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T23:17:26.377532Z","updated_at":"2026-11-27T23:17:26.377532Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (4, '2026-11-27 23:17:26.381819+00', 'desk', 'create', 'participants', '01a21f4c-a4ee-754e-912b-e778f10803fe', 'IRQ', 1, NULL, '{"id":"01a21f4c-a4ee-754e-912b-e778f10803fe","code":"IRQ","kind":"state","names":{"ar":"العراق","en":"Iraq"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T23:17:26.381819Z","updated_at":"2026-11-27T23:17:26.381819Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (5, '2026-11-27 23:17:26.38593+00', 'desk', 'create', 'participants', '01a21f4c-a4f2-74ef-a73a-162eb1ac0a18', 'GBR', 1, NULL, '{"id":"01a21f4c-a4f2-74ef-a73a-162eb1ac0a18","code":"GBR","kind":"state","names":{"ar":"المملكة المتحدة","en":"United Kingdom"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T23:17:26.385930Z","updated_at":"2026-11-27T23:17:26.385930Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (6, '2026-11-27 23:17:26.389006+00', 'desk', 'create', 'participants', '01a21f4c-a4f5-7270-979f-c72b6b3343ad', 'UKM', 1, NULL, '{"id":"01a21f4c-a4f5-7270-979f-c72b6b3343ad","code":"UKM","kind":"state","names":{"ar":"بريطانيا","en":"United Kingdom, as once spelled"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T23:17:26.389006Z","updated_at":"2026-11-27T23:17:26.389006Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (7, '2026-11-27 23:17:26.392156+00', 'desk', 'create', 'participants', '01a21f4c-a4f8-72c6-bf29-e5377169595d', 'GONE', 1, NULL, '{"id":"01a21f4c-a4f8-72c6-bf29-e5377169595d","code":"GONE","kind":"fund","names":{"ar":"صندوق","en":"A fund that was retracted"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T23:17:26.392156Z","updated_at":"2026-11-27T23:17:26.392156Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (8, '2026-11-27 23:17:26.395658+00', 'desk', 'update', 'participants', '01a21f4c-a4ea-7152-9c77-84d4645ff289', 'KWT', 2, '{"id":"01a21f4c-a4ea-7152-9c77-84d4645ff289","code":"KWT","kind":"state","names":{"ar":"الكويت","en":"Kuwait"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T23:17:26.377532Z","updated_at":"2026-11-27T23:17:26.377532Z"}', '{"id":"01a21f4c-a4ea-7152-9c77-84d4645ff289","code":"KWT","kind":"state","names":{"ar":"الكويت","en":"Kuwait"},"former_names":[{"names":{"en":"Old"},"until":"1961-06"}],"aliases":["State of Kuwait"],"merged_into":null,"version":2,"created_at":"2026-11-27T23:17:26.377532Z","updated_at":"2026-11-27T23:17:26.395658Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (9, '2026-11-27 23:17:26.400959+00', 'desk', 'update', 'participants', '01a21f4c-a4f5-7270-979f-c72b6b3343ad', 'UKM', 2, '{"id":"01a21f4c-a4f5-7270-979f-c72b6b3343ad","code":"UKM","kind":"state","names":{"ar":"بريطانيا","en":"United Kingdom, as once spelled"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T23:17:26.389006Z","updated_at":"2026-11-27T23:17:26.389006Z"}', '{"id":"01a21f4c-a4f5-7270-979f-c72b6b3343ad","code":"UKM","kind":"state","names":{"ar":"بريطانيا","en":"United Kingdom, as once spelled"},"former_names":[],"aliases":[],"merged_into":"GBR","version":2,"created_at":"2026-11-27T23:17:26.389006Z","updated_at":"2026-11-27T23:17:26.400959Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (10, '2026-11-27 23:17:26.409451+00', 'desk', 'retract', 'participants', '01a21f4c-a4f8-72c6-bf29-e5377169595d', 'GONE', 2, '{"id":"01a21f4c-a4f8-72c6-bf29-e5377169595d","code":"GONE","kind":"fund","names":{"ar":"صندوق","en":"A fund that was retracted"},"former_names":[],"aliases":[],"merged_into":null,"version":1,"created_at":"2026-11-27T23:17:26.392156Z","updated_at":"2026-11-27T23:17:26.392156Z"}', NULL, 'made for those who upgrade');
INSERT INTO public.changes VALUES (11, '2026-11-27 23:17:26.414274+00', 'desk', 'create', 'coalitions', '01a21f4c-a50e-7202-ba1a-dbeb7411ccd5', 'coalition', 1, NULL, '{"id":"01a21f4c-a50e-7202-ba1a-dbeb7411ccd5","slug":"coalition","names":{"en":"Coalition"},"founded_on":"2014-09","description":null,"version":1,"created_at":"2026-11-27T23:17:26.414274Z","updated_at":"2026-11-27T23:17:26.414274Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (12, '2026-11-27 23:17:26.417757+00', 'desk', 'create', 'members', '01a21f4c-a513-7332-adc1-d0dfb61a5755', 'coalition/USA', 1, NULL, '{"id":"01a21f4c-a513-7332-adc1-d0dfb61a5755","coalition":"coalition","participant":"USA","periods":[{"joined_on":"2014-09","left_on":null}],"version":1,"created_at":"2026-11-27T23:17:26.417757Z","updated_at":"2026-11-27T23:17:26.417757Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (13, '2026-11-27 23:17:26.422987+00', 'desk', 'create', 'meetings', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', 'kuwait-2018', 1, NULL, '{"id":"01a21f4c-a517-75a7-9b57-b506c2b6f4c5","slug":"kuwait-2018","titles":{"ar":"اجتماع وزاري في الكويت","en":"Ministerial in Kuwait"},"kind":"ministerial","starts_on":"2018-02-13","ends_on":null,"coalition":"coalition","city":"Kuwait City","country":"KWT","headline_amount":"1000000000.00","need_amount":null,"headline_currency":"USD","participant_count":null,"version":1,"created_at":"2026-11-27T23:17:26.422987Z","updated_at":"2026-11-27T23:17:26.422987Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (14, '2026-11-27 23:17:26.427045+00', 'desk', 'create', 'attendance', '01a21f4c-a51c-73e9-869f-5d61c230123b', 'kuwait-2018/USA', 1, NULL, '{"id":"01a21f4c-a51c-73e9-869f-5d61c230123b","meeting":"kuwait-2018","participant":"USA","role":"co_chair","delegate_name":"A. Example","delegate_office":null,"adopted":null,"version":1,"created_at":"2026-11-27T23:17:26.427045Z","updated_at":"2026-11-27T23:17:26.427045Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (15, '2026-11-27 23:17:26.481776+00', 'pledgebook', 'create', 'keys', '01a21f4c-a554-7345-a288-b593154ac81d', 'confined', 1, NULL, NULL, NULL);
INSERT INTO public.changes VALUES (16, '2026-11-27 23:17:26.538296+00', 'pledgebook', 'create', 'keys', '01a21f4c-a58c-751c-99f2-df761401d558', 'turned', 1, NULL, NULL, NULL);
INSERT INTO public.changes VALUES (17, '2026-11-27 23:17:26.585881+00', 'pledgebook', 'update', 'keys', '01a21f4c-a58c-751c-99f2-df761401d558', 'turned', 2, NULL, NULL, NULL);
INSERT INTO public.changes VALUES (18, '2026-11-27 23:17:26.598516+00', 'desk', 'create', 'articles', '01a21f4c-a5c7-74ec-8771-2d5ad18d9dd3', '01a21f4c-a5c7-74ec-8771-2d5ad18d9dd3', 1, NULL, '{"id":"01a21f4c-a5c7-74ec-8771-2d5ad18d9dd3","publisher":"Example","language":"en","title":"Kuwait","kind":"news","url":null,"published_on":null,"body":"The United States pledged 200 million dollars in Kuwait. تعهدت الولايات المتحدة بتقديم 200 مليون دولار.","body_sha256":"6062cf2962e6161570659b0c176943b1e52690257bf3310039cb4d7df8ca895f","version":1,"created_at":"2026-11-27T23:17:26.598516Z","updated_at":"2026-11-27T23:17:26.598516Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (19, '2026-11-27 23:17:26.603914+00', 'desk', 'create', 'rates', '01a21f4c-a5cd-72f6-824c-9e96873fb544', 'EUR/2018-02-13/ECB', 1, NULL, '{"id":"01a21f4c-a5cd-72f6-824c-9e96873fb544","currency":"EUR","date":"2018-02-13","per_usd":"0.81","source":"ECB","waived":false,"version":1,"created_at":"2026-11-27T23:17:26.603914Z","updated_at":"2026-11-27T23:17:26.603914Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (20, '2026-11-27 23:17:26.603914+00', 'desk', 'create', 'rates', '01a21f4c-a5cd-72f6-824c-9e979d414c54', 'EUR/2018-02-14/ECB', 1, NULL, '{"id":"01a21f4c-a5cd-72f6-824c-9e979d414c54","currency":"EUR","date":"2018-02-14","per_usd":"0.81","source":"ECB","waived":false,"version":1,"created_at":"2026-11-27T23:17:26.603914Z","updated_at":"2026-11-27T23:17:26.603914Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (21, '2026-11-27 23:17:26.609004+00', 'desk', 'create', 'rates', '01a21f4c-a5d1-7082-b81e-f2c6e13d3b2b', 'EUR/2018-02-15/other', 1, NULL, '{"id":"01a21f4c-a5d1-7082-b81e-f2c6e13d3b2b","currency":"EUR","date":"2018-02-15","per_usd":"9.9","source":"other","waived":true,"version":1,"created_at":"2026-11-27T23:17:26.609004Z","updated_at":"2026-11-27T23:17:26.609004Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (22, '2026-11-27 23:17:26.613509+00', 'desk', 'create', 'pledges', '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', 1, NULL, '{"id":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"200000000.00","version":1,"created_at":"2026-11-27T23:17:26.613509Z","updated_at":"2026-11-27T23:17:26.613509Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (23, '2026-11-27 23:17:26.613509+00', 'desk', 'create', 'citations', '01a21f4c-a5d9-75b0-81c7-55d99a2cb3a2', '01a21f4c-a5d9-75b0-81c7-55d99a2cb3a2', 1, NULL, '{"id":"01a21f4c-a5d9-75b0-81c7-55d99a2cb3a2","subject":"pledges/01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","article":"01a21f4c-a5c7-74ec-8771-2d5ad18d9dd3","quote":"200 million dollars","start":26,"end":45,"states":{"amount":"230000000.00"},"preferred":true,"version":1,"created_at":"2026-11-27T23:17:26.613509Z","updated_at":"2026-11-27T23:17:26.613509Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (24, '2026-11-27 23:17:26.622028+00', 'desk', 'create', 'events', '01a21f4c-a5df-7353-964f-e9d613c06c97', '01a21f4c-a5df-7353-964f-e9d613c06c97', 1, NULL, '{"id":"01a21f4c-a5df-7353-964f-e9d613c06c97","pledge":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","stage":"paid","occurred_on":"2018-06","amount":"6600000.00","currency":"USD","over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.622028Z","updated_at":"2026-11-27T23:17:26.622028Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (25, '2026-11-27 23:17:26.622028+00', 'desk', 'update', 'pledges', '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', 2, '{"id":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"200000000.00","version":1,"created_at":"2026-11-27T23:17:26.613509Z","updated_at":"2026-11-27T23:17:26.613509Z"}', '{"id":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"partly_paid","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"0.00","outstanding":"193400000.00","version":2,"created_at":"2026-11-27T23:17:26.613509Z","updated_at":"2026-11-27T23:17:26.622028Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (26, '2026-11-27 23:17:26.632286+00', 'desk', 'create', 'events', '01a21f4c-a5ea-7589-81bb-df04b142aa44', '01a21f4c-a5ea-7589-81bb-df04b142aa44', 1, NULL, '{"id":"01a21f4c-a5ea-7589-81bb-df04b142aa44","pledge":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","stage":"redirected","occurred_on":"2018-08-17","amount":"193400000.00","currency":"USD","over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.632286Z","updated_at":"2026-11-27T23:17:26.632286Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (27, '2026-11-27 23:17:26.632286+00', 'desk', 'update', 'pledges', '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', 3, '{"id":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"partly_paid","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"0.00","outstanding":"193400000.00","version":2,"created_at":"2026-11-27T23:17:26.613509Z","updated_at":"2026-11-27T23:17:26.622028Z"}', '{"id":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"withdrawn","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"193400000.00","outstanding":"0.00","version":3,"created_at":"2026-11-27T23:17:26.613509Z","updated_at":"2026-11-27T23:17:26.632286Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (28, '2026-11-27 23:17:26.6402+00', 'desk', 'retract', 'events', '01a21f4c-a5ea-7589-81bb-df04b142aa44', '01a21f4c-a5ea-7589-81bb-df04b142aa44', 2, '{"id":"01a21f4c-a5ea-7589-81bb-df04b142aa44","pledge":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","stage":"redirected","occurred_on":"2018-08-17","amount":"193400000.00","currency":"USD","over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.632286Z","updated_at":"2026-11-27T23:17:26.632286Z"}', NULL, 'made for those who upgrade');
INSERT INTO public.changes VALUES (35, '2026-11-27 23:17:26.671911+00', 'desk', 'create', 'pledges', '01a21f4c-a610-742c-8a3e-c690ce5171aa', '01a21f4c-a610-742c-8a3e-c690ce5171aa', 1, NULL, '{"id":"01a21f4c-a610-742c-8a3e-c690ce5171aa","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-03","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"restated","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"0.00","counted":"0.00","counted_max":"0.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"0.00","version":1,"created_at":"2026-11-27T23:17:26.671911Z","updated_at":"2026-11-27T23:17:26.671911Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (29, '2026-11-27 23:17:26.6402+00', 'desk', 'update', 'pledges', '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', 4, '{"id":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"withdrawn","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"193400000.00","outstanding":"0.00","version":3,"created_at":"2026-11-27T23:17:26.613509Z","updated_at":"2026-11-27T23:17:26.632286Z"}', '{"id":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"partly_paid","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"0.00","outstanding":"193400000.00","version":4,"created_at":"2026-11-27T23:17:26.613509Z","updated_at":"2026-11-27T23:17:26.640200Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (30, '2026-11-27 23:17:26.648221+00', 'desk', 'restore', 'events', '01a21f4c-a5ea-7589-81bb-df04b142aa44', '01a21f4c-a5ea-7589-81bb-df04b142aa44', 3, NULL, '{"id":"01a21f4c-a5ea-7589-81bb-df04b142aa44","pledge":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","stage":"redirected","occurred_on":"2018-08-17","amount":"193400000.00","currency":"USD","over":false,"note":null,"version":3,"created_at":"2026-11-27T23:17:26.632286Z","updated_at":"2026-11-27T23:17:26.648221Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (31, '2026-11-27 23:17:26.648221+00', 'desk', 'update', 'pledges', '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', 5, '{"id":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"partly_paid","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"0.00","outstanding":"193400000.00","version":4,"created_at":"2026-11-27T23:17:26.613509Z","updated_at":"2026-11-27T23:17:26.640200Z"}', '{"id":"01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"200000000.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"withdrawn","pledged_min":"200000000.00","pledged":"200000000.00","pledged_max":"200000000.00","counted_min":"200000000.00","counted":"200000000.00","counted_max":"200000000.00","committed":"0.00","paid":"6600000.00","withdrawn":"193400000.00","outstanding":"0.00","version":5,"created_at":"2026-11-27T23:17:26.613509Z","updated_at":"2026-11-27T23:17:26.648221Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (32, '2026-11-27 23:17:26.658569+00', 'desk', 'create', 'pledges', '01a21f4c-a603-727f-8549-e17d7a51e471', '01a21f4c-a603-727f-8549-e17d7a51e471', 1, NULL, '{"id":"01a21f4c-a603-727f-8549-e17d7a51e471","instrument":"grant","participant":"GBR","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"10000000.00","amount_max":null,"currency":"EUR","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"10000000.00","pledged":"10000000.00","pledged_max":"10000000.00","counted_min":"10000000.00","counted":"10000000.00","counted_max":"10000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"10000000.00","version":1,"created_at":"2026-11-27T23:17:26.658569Z","updated_at":"2026-11-27T23:17:26.658569Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (33, '2026-11-27 23:17:26.663877+00', 'desk', 'create', 'pledges', '01a21f4c-a608-7173-b151-7ebb3ef95c24', '01a21f4c-a608-7173-b151-7ebb3ef95c24', 1, NULL, '{"id":"01a21f4c-a608-7173-b151-7ebb3ef95c24","instrument":"grant","participant":"GBR","meeting":"kuwait-2018","parent":"01a21f4c-a603-727f-8549-e17d7a51e471","restates":null,"qualifier":"exact","amount_min":null,"amount":"4000000.00","amount_max":null,"currency":"EUR","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"4000000.00","pledged":"4000000.00","pledged_max":"4000000.00","counted_min":"4000000.00","counted":"4000000.00","counted_max":"4000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"4000000.00","version":1,"created_at":"2026-11-27T23:17:26.663877Z","updated_at":"2026-11-27T23:17:26.663877Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (34, '2026-11-27 23:17:26.663877+00', 'desk', 'update', 'pledges', '01a21f4c-a603-727f-8549-e17d7a51e471', '01a21f4c-a603-727f-8549-e17d7a51e471', 2, '{"id":"01a21f4c-a603-727f-8549-e17d7a51e471","instrument":"grant","participant":"GBR","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"10000000.00","amount_max":null,"currency":"EUR","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"10000000.00","pledged":"10000000.00","pledged_max":"10000000.00","counted_min":"10000000.00","counted":"10000000.00","counted_max":"10000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"10000000.00","version":1,"created_at":"2026-11-27T23:17:26.658569Z","updated_at":"2026-11-27T23:17:26.658569Z"}', '{"id":"01a21f4c-a603-727f-8549-e17d7a51e471","instrument":"grant","participant":"GBR","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"10000000.00","amount_max":null,"currency":"EUR","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"10000000.00","pledged":"10000000.00","pledged_max":"10000000.00","counted_min":"6000000.00","counted":"6000000.00","counted_max":"6000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"6000000.00","version":2,"created_at":"2026-11-27T23:17:26.658569Z","updated_at":"2026-11-27T23:17:26.663877Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (60, '2026-11-27 23:17:26.79339+00', 'desk', 'create', 'events', '01a21f4c-a689-732d-a0e9-75bc49767a9b', '01a21f4c-a689-732d-a0e9-75bc49767a9b', 1, NULL, '{"id":"01a21f4c-a689-732d-a0e9-75bc49767a9b","pledge":"01a21f4c-a67e-764b-afb7-cfcf4d4dac82","stage":"paid","occurred_on":"2018-04","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.793390Z","updated_at":"2026-11-27T23:17:26.793390Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (36, '2026-11-27 23:17:26.676991+00', 'desk', 'create', 'pledges', '01a21f4c-a615-7769-bac0-20f6eb6ff3f6', '01a21f4c-a615-7769-bac0-20f6eb6ff3f6', 1, NULL, '{"id":"01a21f4c-a615-7769-bac0-20f6eb6ff3f6","instrument":"grant","participant":"KWT","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"up_to","amount_min":"0.00","amount":null,"amount_max":"1000000000.00","currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"0.00","pledged":null,"pledged_max":"1000000000.00","counted_min":"0.00","counted":null,"counted_max":"1000000000.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.676991Z","updated_at":"2026-11-27T23:17:26.676991Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (37, '2026-11-27 23:17:26.681526+00', 'desk', 'create', 'pledges', '01a21f4c-a61a-7428-8768-d83cb9d1e54a', '01a21f4c-a61a-7428-8768-d83cb9d1e54a', 1, NULL, '{"id":"01a21f4c-a61a-7428-8768-d83cb9d1e54a","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.681526Z","updated_at":"2026-11-27T23:17:26.681526Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (38, '2026-11-27 23:17:26.687086+00', 'desk', 'create', 'pledges', '01a21f4c-a61f-7247-b783-2058f9c62c9c', '01a21f4c-a61f-7247-b783-2058f9c62c9c', 1, NULL, '{"id":"01a21f4c-a61f-7247-b783-2058f9c62c9c","instrument":"grant","participant":null,"meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"between","amount_min":"1.00","amount":null,"amount_max":"2.00","currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"1.00","pledged":null,"pledged_max":"2.00","counted_min":"1.00","counted":null,"counted_max":"2.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.687086Z","updated_at":"2026-11-27T23:17:26.687086Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (39, '2026-11-27 23:17:26.717901+00', 'desk', 'create', 'pledges', '01a21f4c-a63e-7477-8e75-312c7b950b5d', '01a21f4c-a63e-7477-8e75-312c7b950b5d', 1, NULL, '{"id":"01a21f4c-a63e-7477-8e75-312c7b950b5d","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun and done","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.717901Z","updated_at":"2026-11-27T23:17:26.717901Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (40, '2026-11-27 23:17:26.723696+00', 'desk', 'create', 'events', '01a21f4c-a644-74a3-a78b-76cb5022a515', '01a21f4c-a644-74a3-a78b-76cb5022a515', 1, NULL, '{"id":"01a21f4c-a644-74a3-a78b-76cb5022a515","pledge":"01a21f4c-a63e-7477-8e75-312c7b950b5d","stage":"committed","occurred_on":"2018-03","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.723696Z","updated_at":"2026-11-27T23:17:26.723696Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (41, '2026-11-27 23:17:26.723696+00', 'desk', 'update', 'pledges', '01a21f4c-a63e-7477-8e75-312c7b950b5d', '01a21f4c-a63e-7477-8e75-312c7b950b5d', 2, '{"id":"01a21f4c-a63e-7477-8e75-312c7b950b5d","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun and done","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.717901Z","updated_at":"2026-11-27T23:17:26.717901Z"}', '{"id":"01a21f4c-a63e-7477-8e75-312c7b950b5d","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun and done","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.717901Z","updated_at":"2026-11-27T23:17:26.723696Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (42, '2026-11-27 23:17:26.729405+00', 'desk', 'create', 'events', '01a21f4c-a64a-7018-aacf-7631ce993dee', '01a21f4c-a64a-7018-aacf-7631ce993dee', 1, NULL, '{"id":"01a21f4c-a64a-7018-aacf-7631ce993dee","pledge":"01a21f4c-a63e-7477-8e75-312c7b950b5d","stage":"paid","occurred_on":"2018-04","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.729405Z","updated_at":"2026-11-27T23:17:26.729405Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (43, '2026-11-27 23:17:26.729405+00', 'desk', 'update', 'pledges', '01a21f4c-a63e-7477-8e75-312c7b950b5d', '01a21f4c-a63e-7477-8e75-312c7b950b5d', 3, '{"id":"01a21f4c-a63e-7477-8e75-312c7b950b5d","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun and done","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.717901Z","updated_at":"2026-11-27T23:17:26.723696Z"}', '{"id":"01a21f4c-a63e-7477-8e75-312c7b950b5d","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun and done","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":3,"created_at":"2026-11-27T23:17:26.717901Z","updated_at":"2026-11-27T23:17:26.729405Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (44, '2026-11-27 23:17:26.733726+00', 'desk', 'create', 'pledges', '01a21f4c-a64e-706b-85c7-724b054702db', '01a21f4c-a64e-706b-85c7-724b054702db', 1, NULL, '{"id":"01a21f4c-a64e-706b-85c7-724b054702db","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.733726Z","updated_at":"2026-11-27T23:17:26.733726Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (45, '2026-11-27 23:17:26.738133+00', 'desk', 'create', 'events', '01a21f4c-a652-73c0-b365-900dacc04892', '01a21f4c-a652-73c0-b365-900dacc04892', 1, NULL, '{"id":"01a21f4c-a652-73c0-b365-900dacc04892","pledge":"01a21f4c-a64e-706b-85c7-724b054702db","stage":"committed","occurred_on":"2018-03","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.738133Z","updated_at":"2026-11-27T23:17:26.738133Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (46, '2026-11-27 23:17:26.738133+00', 'desk', 'update', 'pledges', '01a21f4c-a64e-706b-85c7-724b054702db', '01a21f4c-a64e-706b-85c7-724b054702db', 2, '{"id":"01a21f4c-a64e-706b-85c7-724b054702db","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.733726Z","updated_at":"2026-11-27T23:17:26.733726Z"}', '{"id":"01a21f4c-a64e-706b-85c7-724b054702db","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.733726Z","updated_at":"2026-11-27T23:17:26.738133Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (47, '2026-11-27 23:17:26.743005+00', 'desk', 'create', 'pledges', '01a21f4c-a657-73ec-a883-22f88bfdb870', '01a21f4c-a657-73ec-a883-22f88bfdb870', 1, NULL, '{"id":"01a21f4c-a657-73ec-a883-22f88bfdb870","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun and frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.743005Z","updated_at":"2026-11-27T23:17:26.743005Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (48, '2026-11-27 23:17:26.747366+00', 'desk', 'create', 'events', '01a21f4c-a65c-77d2-b0b0-132eea2798bf', '01a21f4c-a65c-77d2-b0b0-132eea2798bf', 1, NULL, '{"id":"01a21f4c-a65c-77d2-b0b0-132eea2798bf","pledge":"01a21f4c-a657-73ec-a883-22f88bfdb870","stage":"committed","occurred_on":"2018-03","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.747366Z","updated_at":"2026-11-27T23:17:26.747366Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (49, '2026-11-27 23:17:26.747366+00', 'desk', 'update', 'pledges', '01a21f4c-a657-73ec-a883-22f88bfdb870', '01a21f4c-a657-73ec-a883-22f88bfdb870', 2, '{"id":"01a21f4c-a657-73ec-a883-22f88bfdb870","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun and frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.743005Z","updated_at":"2026-11-27T23:17:26.743005Z"}', '{"id":"01a21f4c-a657-73ec-a883-22f88bfdb870","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun and frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.743005Z","updated_at":"2026-11-27T23:17:26.747366Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (50, '2026-11-27 23:17:26.753+00', 'desk', 'create', 'events', '01a21f4c-a661-70b1-93cd-fa630a4374a7', '01a21f4c-a661-70b1-93cd-fa630a4374a7', 1, NULL, '{"id":"01a21f4c-a661-70b1-93cd-fa630a4374a7","pledge":"01a21f4c-a657-73ec-a883-22f88bfdb870","stage":"frozen","occurred_on":"2018-04","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.753Z","updated_at":"2026-11-27T23:17:26.753Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (51, '2026-11-27 23:17:26.753+00', 'desk', 'update', 'pledges', '01a21f4c-a657-73ec-a883-22f88bfdb870', '01a21f4c-a657-73ec-a883-22f88bfdb870', 3, '{"id":"01a21f4c-a657-73ec-a883-22f88bfdb870","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun and frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.743005Z","updated_at":"2026-11-27T23:17:26.747366Z"}', '{"id":"01a21f4c-a657-73ec-a883-22f88bfdb870","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"begun and frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"frozen","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":3,"created_at":"2026-11-27T23:17:26.743005Z","updated_at":"2026-11-27T23:17:26.753Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (52, '2026-11-27 23:17:26.759312+00', 'desk', 'create', 'pledges', '01a21f4c-a668-722b-85fa-86fdffe8db7c', '01a21f4c-a668-722b-85fa-86fdffe8db7c', 1, NULL, '{"id":"01a21f4c-a668-722b-85fa-86fdffe8db7c","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and withdrawn","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.759312Z","updated_at":"2026-11-27T23:17:26.759312Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (53, '2026-11-27 23:17:26.766282+00', 'desk', 'create', 'events', '01a21f4c-a66f-774c-8c0d-81b596b5241b', '01a21f4c-a66f-774c-8c0d-81b596b5241b', 1, NULL, '{"id":"01a21f4c-a66f-774c-8c0d-81b596b5241b","pledge":"01a21f4c-a668-722b-85fa-86fdffe8db7c","stage":"paid","occurred_on":"2018-03","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.766282Z","updated_at":"2026-11-27T23:17:26.766282Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (54, '2026-11-27 23:17:26.766282+00', 'desk', 'update', 'pledges', '01a21f4c-a668-722b-85fa-86fdffe8db7c', '01a21f4c-a668-722b-85fa-86fdffe8db7c', 2, '{"id":"01a21f4c-a668-722b-85fa-86fdffe8db7c","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and withdrawn","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.759312Z","updated_at":"2026-11-27T23:17:26.759312Z"}', '{"id":"01a21f4c-a668-722b-85fa-86fdffe8db7c","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and withdrawn","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.759312Z","updated_at":"2026-11-27T23:17:26.766282Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (55, '2026-11-27 23:17:26.774324+00', 'desk', 'create', 'events', '01a21f4c-a677-7631-84a1-c24920e7632d', '01a21f4c-a677-7631-84a1-c24920e7632d', 1, NULL, '{"id":"01a21f4c-a677-7631-84a1-c24920e7632d","pledge":"01a21f4c-a668-722b-85fa-86fdffe8db7c","stage":"withdrawn","occurred_on":"2018-04","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.774324Z","updated_at":"2026-11-27T23:17:26.774324Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (56, '2026-11-27 23:17:26.774324+00', 'desk', 'update', 'pledges', '01a21f4c-a668-722b-85fa-86fdffe8db7c', '01a21f4c-a668-722b-85fa-86fdffe8db7c', 3, '{"id":"01a21f4c-a668-722b-85fa-86fdffe8db7c","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and withdrawn","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.759312Z","updated_at":"2026-11-27T23:17:26.766282Z"}', '{"id":"01a21f4c-a668-722b-85fa-86fdffe8db7c","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and withdrawn","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"withdrawn","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":3,"created_at":"2026-11-27T23:17:26.759312Z","updated_at":"2026-11-27T23:17:26.774324Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (57, '2026-11-27 23:17:26.781445+00', 'desk', 'create', 'pledges', '01a21f4c-a67e-764b-afb7-cfcf4d4dac82', '01a21f4c-a67e-764b-afb7-cfcf4d4dac82', 1, NULL, '{"id":"01a21f4c-a67e-764b-afb7-cfcf4d4dac82","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"withdrawn and done","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.781445Z","updated_at":"2026-11-27T23:17:26.781445Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (58, '2026-11-27 23:17:26.787294+00', 'desk', 'create', 'events', '01a21f4c-a684-76ce-90bb-01d121a13d5e', '01a21f4c-a684-76ce-90bb-01d121a13d5e', 1, NULL, '{"id":"01a21f4c-a684-76ce-90bb-01d121a13d5e","pledge":"01a21f4c-a67e-764b-afb7-cfcf4d4dac82","stage":"withdrawn","occurred_on":"2018-03","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.787294Z","updated_at":"2026-11-27T23:17:26.787294Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (59, '2026-11-27 23:17:26.787294+00', 'desk', 'update', 'pledges', '01a21f4c-a67e-764b-afb7-cfcf4d4dac82', '01a21f4c-a67e-764b-afb7-cfcf4d4dac82', 2, '{"id":"01a21f4c-a67e-764b-afb7-cfcf4d4dac82","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"withdrawn and done","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.781445Z","updated_at":"2026-11-27T23:17:26.781445Z"}', '{"id":"01a21f4c-a67e-764b-afb7-cfcf4d4dac82","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"withdrawn and done","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"withdrawn","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.781445Z","updated_at":"2026-11-27T23:17:26.787294Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (61, '2026-11-27 23:17:26.79339+00', 'desk', 'update', 'pledges', '01a21f4c-a67e-764b-afb7-cfcf4d4dac82', '01a21f4c-a67e-764b-afb7-cfcf4d4dac82', 3, '{"id":"01a21f4c-a67e-764b-afb7-cfcf4d4dac82","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"withdrawn and done","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"withdrawn","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.781445Z","updated_at":"2026-11-27T23:17:26.787294Z"}', '{"id":"01a21f4c-a67e-764b-afb7-cfcf4d4dac82","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"withdrawn and done","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"withdrawn","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":3,"created_at":"2026-11-27T23:17:26.781445Z","updated_at":"2026-11-27T23:17:26.793390Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (62, '2026-11-27 23:17:26.797628+00', 'desk', 'create', 'pledges', '01a21f4c-a68e-759d-9fa6-fc210039b637', '01a21f4c-a68e-759d-9fa6-fc210039b637', 1, NULL, '{"id":"01a21f4c-a68e-759d-9fa6-fc210039b637","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.797628Z","updated_at":"2026-11-27T23:17:26.797628Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (63, '2026-11-27 23:17:26.801122+00', 'desk', 'create', 'events', '01a21f4c-a691-755a-8c7e-116ee7efc0e6', '01a21f4c-a691-755a-8c7e-116ee7efc0e6', 1, NULL, '{"id":"01a21f4c-a691-755a-8c7e-116ee7efc0e6","pledge":"01a21f4c-a68e-759d-9fa6-fc210039b637","stage":"paid","occurred_on":"2018-03","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.801122Z","updated_at":"2026-11-27T23:17:26.801122Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (64, '2026-11-27 23:17:26.801122+00', 'desk', 'update', 'pledges', '01a21f4c-a68e-759d-9fa6-fc210039b637', '01a21f4c-a68e-759d-9fa6-fc210039b637', 2, '{"id":"01a21f4c-a68e-759d-9fa6-fc210039b637","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.797628Z","updated_at":"2026-11-27T23:17:26.797628Z"}', '{"id":"01a21f4c-a68e-759d-9fa6-fc210039b637","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.797628Z","updated_at":"2026-11-27T23:17:26.801122Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (65, '2026-11-27 23:17:26.80828+00', 'desk', 'create', 'events', '01a21f4c-a699-752d-9c0b-285b2380ce9c', '01a21f4c-a699-752d-9c0b-285b2380ce9c', 1, NULL, '{"id":"01a21f4c-a699-752d-9c0b-285b2380ce9c","pledge":"01a21f4c-a68e-759d-9fa6-fc210039b637","stage":"frozen","occurred_on":"2018-04","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.808280Z","updated_at":"2026-11-27T23:17:26.808280Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (66, '2026-11-27 23:17:26.80828+00', 'desk', 'update', 'pledges', '01a21f4c-a68e-759d-9fa6-fc210039b637', '01a21f4c-a68e-759d-9fa6-fc210039b637', 3, '{"id":"01a21f4c-a68e-759d-9fa6-fc210039b637","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.797628Z","updated_at":"2026-11-27T23:17:26.801122Z"}', '{"id":"01a21f4c-a68e-759d-9fa6-fc210039b637","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"frozen","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":3,"created_at":"2026-11-27T23:17:26.797628Z","updated_at":"2026-11-27T23:17:26.808280Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (67, '2026-11-27 23:17:26.817613+00', 'desk', 'create', 'pledges', '01a21f4c-a6a2-725b-b058-d887e6d989ae', '01a21f4c-a6a2-725b-b058-d887e6d989ae', 1, NULL, '{"id":"01a21f4c-a6a2-725b-b058-d887e6d989ae","instrument":"grant","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"a grant that is frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.817613Z","updated_at":"2026-11-27T23:17:26.817613Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (68, '2026-11-27 23:17:26.8268+00', 'desk', 'create', 'events', '01a21f4c-a6ab-7654-be5e-6c56f7f84ea3', '01a21f4c-a6ab-7654-be5e-6c56f7f84ea3', 1, NULL, '{"id":"01a21f4c-a6ab-7654-be5e-6c56f7f84ea3","pledge":"01a21f4c-a6a2-725b-b058-d887e6d989ae","stage":"frozen","occurred_on":"2018-03","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.826800Z","updated_at":"2026-11-27T23:17:26.826800Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (69, '2026-11-27 23:17:26.8268+00', 'desk', 'update', 'pledges', '01a21f4c-a6a2-725b-b058-d887e6d989ae', '01a21f4c-a6a2-725b-b058-d887e6d989ae', 2, '{"id":"01a21f4c-a6a2-725b-b058-d887e6d989ae","instrument":"grant","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"a grant that is frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.817613Z","updated_at":"2026-11-27T23:17:26.817613Z"}', '{"id":"01a21f4c-a6a2-725b-b058-d887e6d989ae","instrument":"grant","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"a grant that is frozen","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"frozen","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.817613Z","updated_at":"2026-11-27T23:17:26.826800Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (70, '2026-11-27 23:17:26.835237+00', 'desk', 'create', 'pledges', '01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9', '01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9', 1, NULL, '{"id":"01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done, which was retracted","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.835237Z","updated_at":"2026-11-27T23:17:26.835237Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (71, '2026-11-27 23:17:26.840429+00', 'desk', 'create', 'events', '01a21f4c-a6b9-747d-9fc0-c6691d622a27', '01a21f4c-a6b9-747d-9fc0-c6691d622a27', 1, NULL, '{"id":"01a21f4c-a6b9-747d-9fc0-c6691d622a27","pledge":"01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9","stage":"paid","occurred_on":"2018-03","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.840429Z","updated_at":"2026-11-27T23:17:26.840429Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (72, '2026-11-27 23:17:26.840429+00', 'desk', 'update', 'pledges', '01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9', '01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9', 2, '{"id":"01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done, which was retracted","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.835237Z","updated_at":"2026-11-27T23:17:26.835237Z"}', '{"id":"01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done, which was retracted","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.835237Z","updated_at":"2026-11-27T23:17:26.840429Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (73, '2026-11-27 23:17:26.846212+00', 'desk', 'retract', 'events', '01a21f4c-a6b9-747d-9fc0-c6691d622a27', '01a21f4c-a6b9-747d-9fc0-c6691d622a27', 2, '{"id":"01a21f4c-a6b9-747d-9fc0-c6691d622a27","pledge":"01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9","stage":"paid","occurred_on":"2018-03","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.840429Z","updated_at":"2026-11-27T23:17:26.840429Z"}', NULL, 'made for those who upgrade');
INSERT INTO public.changes VALUES (74, '2026-11-27 23:17:26.846212+00', 'desk', 'update', 'pledges', '01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9', '01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9', 3, '{"id":"01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done, which was retracted","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.835237Z","updated_at":"2026-11-27T23:17:26.840429Z"}', '{"id":"01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done, which was retracted","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":3,"created_at":"2026-11-27T23:17:26.835237Z","updated_at":"2026-11-27T23:17:26.846212Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (75, '2026-11-27 23:17:26.850735+00', 'desk', 'create', 'pledges', '01a21f4c-a6c3-7729-b45e-ae529ed4d7dc', '01a21f4c-a6c3-7729-b45e-ae529ed4d7dc', 1, NULL, '{"id":"01a21f4c-a6c3-7729-b45e-ae529ed4d7dc","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and retracted","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.850735Z","updated_at":"2026-11-27T23:17:26.850735Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (76, '2026-11-27 23:17:26.858506+00', 'desk', 'create', 'events', '01a21f4c-a6cb-76d6-974f-468ceb750dff', '01a21f4c-a6cb-76d6-974f-468ceb750dff', 1, NULL, '{"id":"01a21f4c-a6cb-76d6-974f-468ceb750dff","pledge":"01a21f4c-a6c3-7729-b45e-ae529ed4d7dc","stage":"paid","occurred_on":"2018-03","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.858506Z","updated_at":"2026-11-27T23:17:26.858506Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (77, '2026-11-27 23:17:26.858506+00', 'desk', 'update', 'pledges', '01a21f4c-a6c3-7729-b45e-ae529ed4d7dc', '01a21f4c-a6c3-7729-b45e-ae529ed4d7dc', 2, '{"id":"01a21f4c-a6c3-7729-b45e-ae529ed4d7dc","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and retracted","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.850735Z","updated_at":"2026-11-27T23:17:26.850735Z"}', '{"id":"01a21f4c-a6c3-7729-b45e-ae529ed4d7dc","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and retracted","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.850735Z","updated_at":"2026-11-27T23:17:26.858506Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (78, '2026-11-27 23:17:26.862599+00', 'desk', 'retract', 'events', '01a21f4c-a6cb-76d6-974f-468ceb750dff', '01a21f4c-a6cb-76d6-974f-468ceb750dff', 2, '{"id":"01a21f4c-a6cb-76d6-974f-468ceb750dff","pledge":"01a21f4c-a6c3-7729-b45e-ae529ed4d7dc","stage":"paid","occurred_on":"2018-03","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.858506Z","updated_at":"2026-11-27T23:17:26.858506Z"}', NULL, 'made for those who upgrade');
INSERT INTO public.changes VALUES (79, '2026-11-27 23:17:26.862599+00', 'desk', 'retract', 'pledges', '01a21f4c-a6c3-7729-b45e-ae529ed4d7dc', '01a21f4c-a6c3-7729-b45e-ae529ed4d7dc', 3, '{"id":"01a21f4c-a6c3-7729-b45e-ae529ed4d7dc","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"done and retracted","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.850735Z","updated_at":"2026-11-27T23:17:26.858506Z"}', NULL, 'made for those who upgrade');
INSERT INTO public.changes VALUES (80, '2026-11-27 23:17:26.867526+00', 'desk', 'create', 'pledges', '01a21f4c-a6d4-74ac-97c8-05adc4a197da', '01a21f4c-a6d4-74ac-97c8-05adc4a197da', 1, NULL, '{"id":"01a21f4c-a6d4-74ac-97c8-05adc4a197da","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"beyond what nobody promised","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.867526Z","updated_at":"2026-11-27T23:17:26.867526Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (81, '2026-11-27 23:17:26.871178+00', 'desk', 'create', 'events', '01a21f4c-a6d7-7330-92f6-d280ffbdcbfb', '01a21f4c-a6d7-7330-92f6-d280ffbdcbfb', 1, NULL, '{"id":"01a21f4c-a6d7-7330-92f6-d280ffbdcbfb","pledge":"01a21f4c-a6d4-74ac-97c8-05adc4a197da","stage":"committed","occurred_on":"2018-03","amount":null,"currency":null,"over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.871178Z","updated_at":"2026-11-27T23:17:26.871178Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (82, '2026-11-27 23:17:26.871178+00', 'desk', 'update', 'pledges', '01a21f4c-a6d4-74ac-97c8-05adc4a197da', '01a21f4c-a6d4-74ac-97c8-05adc4a197da', 2, '{"id":"01a21f4c-a6d4-74ac-97c8-05adc4a197da","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"beyond what nobody promised","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":1,"created_at":"2026-11-27T23:17:26.867526Z","updated_at":"2026-11-27T23:17:26.867526Z"}', '{"id":"01a21f4c-a6d4-74ac-97c8-05adc4a197da","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"beyond what nobody promised","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.867526Z","updated_at":"2026-11-27T23:17:26.871178Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (83, '2026-11-27 23:17:26.876093+00', 'desk', 'create', 'events', '01a21f4c-a6dc-70c7-8a3b-7511789f1ad4', '01a21f4c-a6dc-70c7-8a3b-7511789f1ad4', 1, NULL, '{"id":"01a21f4c-a6dc-70c7-8a3b-7511789f1ad4","pledge":"01a21f4c-a6d4-74ac-97c8-05adc4a197da","stage":"paid","occurred_on":"2018-04","amount":null,"currency":null,"over":true,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.876093Z","updated_at":"2026-11-27T23:17:26.876093Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (84, '2026-11-27 23:17:26.876093+00', 'desk', 'update', 'pledges', '01a21f4c-a6d4-74ac-97c8-05adc4a197da', '01a21f4c-a6d4-74ac-97c8-05adc4a197da', 3, '{"id":"01a21f4c-a6d4-74ac-97c8-05adc4a197da","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"beyond what nobody promised","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":2,"created_at":"2026-11-27T23:17:26.867526Z","updated_at":"2026-11-27T23:17:26.871178Z"}', '{"id":"01a21f4c-a6d4-74ac-97c8-05adc4a197da","instrument":"political","participant":"IRQ","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"beyond what nobody promised","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":3,"created_at":"2026-11-27T23:17:26.867526Z","updated_at":"2026-11-27T23:17:26.876093Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (85, '2026-11-27 23:17:26.879827+00', 'desk', 'create', 'pledges', '01a21f4c-a6e0-7113-91e2-6cd5bebac952', '01a21f4c-a6e0-7113-91e2-6cd5bebac952', 1, NULL, '{"id":"01a21f4c-a6e0-7113-91e2-6cd5bebac952","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"5.00","amount_max":null,"currency":"USD","purpose":"paid while it had an amount","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"5.00","pledged":"5.00","pledged_max":"5.00","counted_min":"5.00","counted":"5.00","counted_max":"5.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"5.00","version":1,"created_at":"2026-11-27T23:17:26.879827Z","updated_at":"2026-11-27T23:17:26.879827Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (86, '2026-11-27 23:17:26.886305+00', 'desk', 'create', 'events', '01a21f4c-a6e6-75dc-b045-caec582177c2', '01a21f4c-a6e6-75dc-b045-caec582177c2', 1, NULL, '{"id":"01a21f4c-a6e6-75dc-b045-caec582177c2","pledge":"01a21f4c-a6e0-7113-91e2-6cd5bebac952","stage":"paid","occurred_on":"2018-03","amount":"5.00","currency":"USD","over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.886305Z","updated_at":"2026-11-27T23:17:26.886305Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (87, '2026-11-27 23:17:26.886305+00', 'desk', 'update', 'pledges', '01a21f4c-a6e0-7113-91e2-6cd5bebac952', '01a21f4c-a6e0-7113-91e2-6cd5bebac952', 2, '{"id":"01a21f4c-a6e0-7113-91e2-6cd5bebac952","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"5.00","amount_max":null,"currency":"USD","purpose":"paid while it had an amount","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"5.00","pledged":"5.00","pledged_max":"5.00","counted_min":"5.00","counted":"5.00","counted_max":"5.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"5.00","version":1,"created_at":"2026-11-27T23:17:26.879827Z","updated_at":"2026-11-27T23:17:26.879827Z"}', '{"id":"01a21f4c-a6e0-7113-91e2-6cd5bebac952","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"5.00","amount_max":null,"currency":"USD","purpose":"paid while it had an amount","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"fulfilled","pledged_min":"5.00","pledged":"5.00","pledged_max":"5.00","counted_min":"5.00","counted":"5.00","counted_max":"5.00","committed":"0.00","paid":"5.00","withdrawn":"0.00","outstanding":"0.00","version":2,"created_at":"2026-11-27T23:17:26.879827Z","updated_at":"2026-11-27T23:17:26.886305Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (88, '2026-11-27 23:17:26.889949+00', 'desk', 'retract', 'events', '01a21f4c-a6e6-75dc-b045-caec582177c2', '01a21f4c-a6e6-75dc-b045-caec582177c2', 2, '{"id":"01a21f4c-a6e6-75dc-b045-caec582177c2","pledge":"01a21f4c-a6e0-7113-91e2-6cd5bebac952","stage":"paid","occurred_on":"2018-03","amount":"5.00","currency":"USD","over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.886305Z","updated_at":"2026-11-27T23:17:26.886305Z"}', NULL, 'made for those who upgrade');
INSERT INTO public.changes VALUES (89, '2026-11-27 23:17:26.889949+00', 'desk', 'update', 'pledges', '01a21f4c-a6e0-7113-91e2-6cd5bebac952', '01a21f4c-a6e0-7113-91e2-6cd5bebac952', 3, '{"id":"01a21f4c-a6e0-7113-91e2-6cd5bebac952","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"5.00","amount_max":null,"currency":"USD","purpose":"paid while it had an amount","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"fulfilled","pledged_min":"5.00","pledged":"5.00","pledged_max":"5.00","counted_min":"5.00","counted":"5.00","counted_max":"5.00","committed":"0.00","paid":"5.00","withdrawn":"0.00","outstanding":"0.00","version":2,"created_at":"2026-11-27T23:17:26.879827Z","updated_at":"2026-11-27T23:17:26.886305Z"}', '{"id":"01a21f4c-a6e0-7113-91e2-6cd5bebac952","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"5.00","amount_max":null,"currency":"USD","purpose":"paid while it had an amount","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"5.00","pledged":"5.00","pledged_max":"5.00","counted_min":"5.00","counted":"5.00","counted_max":"5.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"5.00","version":3,"created_at":"2026-11-27T23:17:26.879827Z","updated_at":"2026-11-27T23:17:26.889949Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (90, '2026-11-27 23:17:26.893855+00', 'desk', 'update', 'pledges', '01a21f4c-a6e0-7113-91e2-6cd5bebac952', '01a21f4c-a6e0-7113-91e2-6cd5bebac952', 4, '{"id":"01a21f4c-a6e0-7113-91e2-6cd5bebac952","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"5.00","amount_max":null,"currency":"USD","purpose":"paid while it had an amount","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"5.00","pledged":"5.00","pledged_max":"5.00","counted_min":"5.00","counted":"5.00","counted_max":"5.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"5.00","version":3,"created_at":"2026-11-27T23:17:26.879827Z","updated_at":"2026-11-27T23:17:26.889949Z"}', '{"id":"01a21f4c-a6e0-7113-91e2-6cd5bebac952","instrument":"political","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":null,"amount_min":null,"amount":null,"amount_max":null,"currency":null,"purpose":"paid while it had an amount","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":null,"pledged":null,"pledged_max":null,"counted_min":null,"counted":null,"counted_max":null,"committed":null,"paid":null,"withdrawn":null,"outstanding":null,"version":4,"created_at":"2026-11-27T23:17:26.879827Z","updated_at":"2026-11-27T23:17:26.893855Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (91, '2026-11-27 23:17:26.898814+00', 'desk', 'create', 'pledges', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', 1, NULL, '{"id":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","instrument":"grant","participant":null,"meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"300.00","amount_max":null,"currency":"USD","purpose":"300 in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"300.00","pledged":"300.00","pledged_max":"300.00","counted_min":"300.00","counted":"300.00","counted_max":"300.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"300.00","version":1,"created_at":"2026-11-27T23:17:26.898814Z","updated_at":"2026-11-27T23:17:26.898814Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (92, '2026-11-27 23:17:26.901739+00', 'desk', 'create', 'pledges', '01a21f4c-a6f6-77af-be9f-9faf6651006a', '01a21f4c-a6f6-77af-be9f-9faf6651006a', 1, NULL, '{"id":"01a21f4c-a6f6-77af-be9f-9faf6651006a","instrument":"grant","participant":"KWT","meeting":"kuwait-2018","parent":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","restates":null,"qualifier":"exact","amount_min":null,"amount":"100.00","amount_max":null,"currency":"USD","purpose":"100 of 300","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"100.00","pledged":"100.00","pledged_max":"100.00","counted_min":"100.00","counted":"100.00","counted_max":"100.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"100.00","version":1,"created_at":"2026-11-27T23:17:26.901739Z","updated_at":"2026-11-27T23:17:26.901739Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (93, '2026-11-27 23:17:26.901739+00', 'desk', 'update', 'pledges', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', 2, '{"id":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","instrument":"grant","participant":null,"meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"300.00","amount_max":null,"currency":"USD","purpose":"300 in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"300.00","pledged":"300.00","pledged_max":"300.00","counted_min":"300.00","counted":"300.00","counted_max":"300.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"300.00","version":1,"created_at":"2026-11-27T23:17:26.898814Z","updated_at":"2026-11-27T23:17:26.898814Z"}', '{"id":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","instrument":"grant","participant":null,"meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"300.00","amount_max":null,"currency":"USD","purpose":"300 in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"300.00","pledged":"300.00","pledged_max":"300.00","counted_min":"200.00","counted":"200.00","counted_max":"200.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"200.00","version":2,"created_at":"2026-11-27T23:17:26.898814Z","updated_at":"2026-11-27T23:17:26.901739Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (94, '2026-11-27 23:17:26.906365+00', 'desk', 'create', 'pledges', '01a21f4c-a6fa-76cc-af93-a263ce485370', '01a21f4c-a6fa-76cc-af93-a263ce485370', 1, NULL, '{"id":"01a21f4c-a6fa-76cc-af93-a263ce485370","instrument":"grant","participant":"GBR","meeting":"kuwait-2018","parent":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","restates":null,"qualifier":"exact","amount_min":null,"amount":"50.00","amount_max":null,"currency":"USD","purpose":"50 of 300","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"50.00","pledged":"50.00","pledged_max":"50.00","counted_min":"50.00","counted":"50.00","counted_max":"50.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"50.00","version":1,"created_at":"2026-11-27T23:17:26.906365Z","updated_at":"2026-11-27T23:17:26.906365Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (95, '2026-11-27 23:17:26.906365+00', 'desk', 'update', 'pledges', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', 3, '{"id":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","instrument":"grant","participant":null,"meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"300.00","amount_max":null,"currency":"USD","purpose":"300 in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"300.00","pledged":"300.00","pledged_max":"300.00","counted_min":"200.00","counted":"200.00","counted_max":"200.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"200.00","version":2,"created_at":"2026-11-27T23:17:26.898814Z","updated_at":"2026-11-27T23:17:26.901739Z"}', '{"id":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","instrument":"grant","participant":null,"meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"300.00","amount_max":null,"currency":"USD","purpose":"300 in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"300.00","pledged":"300.00","pledged_max":"300.00","counted_min":"150.00","counted":"150.00","counted_max":"150.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"150.00","version":3,"created_at":"2026-11-27T23:17:26.898814Z","updated_at":"2026-11-27T23:17:26.906365Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (96, '2026-11-27 23:17:26.911108+00', 'desk', 'create', 'events', '01a21f4c-a6ff-73aa-b47d-98093ee6258f', '01a21f4c-a6ff-73aa-b47d-98093ee6258f', 1, NULL, '{"id":"01a21f4c-a6ff-73aa-b47d-98093ee6258f","pledge":"01a21f4c-a6f6-77af-be9f-9faf6651006a","stage":"increased","occurred_on":"2018-03","amount":"20.00","currency":"USD","over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.911108Z","updated_at":"2026-11-27T23:17:26.911108Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (97, '2026-11-27 23:17:26.911108+00', 'desk', 'update', 'pledges', '01a21f4c-a6f6-77af-be9f-9faf6651006a', '01a21f4c-a6f6-77af-be9f-9faf6651006a', 2, '{"id":"01a21f4c-a6f6-77af-be9f-9faf6651006a","instrument":"grant","participant":"KWT","meeting":"kuwait-2018","parent":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","restates":null,"qualifier":"exact","amount_min":null,"amount":"100.00","amount_max":null,"currency":"USD","purpose":"100 of 300","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"100.00","pledged":"100.00","pledged_max":"100.00","counted_min":"100.00","counted":"100.00","counted_max":"100.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"100.00","version":1,"created_at":"2026-11-27T23:17:26.901739Z","updated_at":"2026-11-27T23:17:26.901739Z"}', '{"id":"01a21f4c-a6f6-77af-be9f-9faf6651006a","instrument":"grant","participant":"KWT","meeting":"kuwait-2018","parent":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","restates":null,"qualifier":"exact","amount_min":null,"amount":"100.00","amount_max":null,"currency":"USD","purpose":"100 of 300","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"120.00","pledged":"120.00","pledged_max":"120.00","counted_min":"120.00","counted":"120.00","counted_max":"120.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"120.00","version":2,"created_at":"2026-11-27T23:17:26.901739Z","updated_at":"2026-11-27T23:17:26.911108Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (111, '2026-11-27 23:17:26.947953+00', 'desk', 'create', 'pledges', '01a21f4c-a724-73ce-8fb4-9ad60c1e7b7c', '01a21f4c-a724-73ce-8fb4-9ad60c1e7b7c', 1, NULL, '{"id":"01a21f4c-a724-73ce-8fb4-9ad60c1e7b7c","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"1.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"1.00","pledged":"1.00","pledged_max":"1.00","counted_min":"1.00","counted":"1.00","counted_max":"1.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"1.00","version":1,"created_at":"2026-11-27T23:17:26.947953Z","updated_at":"2026-11-27T23:17:26.947953Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (98, '2026-11-27 23:17:26.911108+00', 'desk', 'update', 'pledges', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', 4, '{"id":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","instrument":"grant","participant":null,"meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"300.00","amount_max":null,"currency":"USD","purpose":"300 in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"300.00","pledged":"300.00","pledged_max":"300.00","counted_min":"150.00","counted":"150.00","counted_max":"150.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"150.00","version":3,"created_at":"2026-11-27T23:17:26.898814Z","updated_at":"2026-11-27T23:17:26.906365Z"}', '{"id":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","instrument":"grant","participant":null,"meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"300.00","amount_max":null,"currency":"USD","purpose":"300 in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"300.00","pledged":"300.00","pledged_max":"300.00","counted_min":"130.00","counted":"130.00","counted_max":"130.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"130.00","version":4,"created_at":"2026-11-27T23:17:26.898814Z","updated_at":"2026-11-27T23:17:26.911108Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (99, '2026-11-27 23:17:26.916688+00', 'desk', 'create', 'events', '01a21f4c-a705-72cb-a31d-135218008c83', '01a21f4c-a705-72cb-a31d-135218008c83', 1, NULL, '{"id":"01a21f4c-a705-72cb-a31d-135218008c83","pledge":"01a21f4c-a6f6-77af-be9f-9faf6651006a","stage":"paid","occurred_on":"2018-04","amount":"40.00","currency":"USD","over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.916688Z","updated_at":"2026-11-27T23:17:26.916688Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (100, '2026-11-27 23:17:26.916688+00', 'desk', 'update', 'pledges', '01a21f4c-a6f6-77af-be9f-9faf6651006a', '01a21f4c-a6f6-77af-be9f-9faf6651006a', 3, '{"id":"01a21f4c-a6f6-77af-be9f-9faf6651006a","instrument":"grant","participant":"KWT","meeting":"kuwait-2018","parent":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","restates":null,"qualifier":"exact","amount_min":null,"amount":"100.00","amount_max":null,"currency":"USD","purpose":"100 of 300","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"120.00","pledged":"120.00","pledged_max":"120.00","counted_min":"120.00","counted":"120.00","counted_max":"120.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"120.00","version":2,"created_at":"2026-11-27T23:17:26.901739Z","updated_at":"2026-11-27T23:17:26.911108Z"}', '{"id":"01a21f4c-a6f6-77af-be9f-9faf6651006a","instrument":"grant","participant":"KWT","meeting":"kuwait-2018","parent":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","restates":null,"qualifier":"exact","amount_min":null,"amount":"100.00","amount_max":null,"currency":"USD","purpose":"100 of 300","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"partly_paid","pledged_min":"120.00","pledged":"120.00","pledged_max":"120.00","counted_min":"120.00","counted":"120.00","counted_max":"120.00","committed":"0.00","paid":"40.00","withdrawn":"0.00","outstanding":"80.00","version":3,"created_at":"2026-11-27T23:17:26.901739Z","updated_at":"2026-11-27T23:17:26.916688Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (101, '2026-11-27 23:17:26.921454+00', 'desk', 'create', 'events', '01a21f4c-a709-773e-ab20-97ee6e01d2ea', '01a21f4c-a709-773e-ab20-97ee6e01d2ea', 1, NULL, '{"id":"01a21f4c-a709-773e-ab20-97ee6e01d2ea","pledge":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","stage":"paid","occurred_on":"2018-04","amount":"30.00","currency":"USD","over":false,"note":null,"version":1,"created_at":"2026-11-27T23:17:26.921454Z","updated_at":"2026-11-27T23:17:26.921454Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (102, '2026-11-27 23:17:26.921454+00', 'desk', 'update', 'pledges', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', 5, '{"id":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","instrument":"grant","participant":null,"meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"300.00","amount_max":null,"currency":"USD","purpose":"300 in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"300.00","pledged":"300.00","pledged_max":"300.00","counted_min":"130.00","counted":"130.00","counted_max":"130.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"130.00","version":4,"created_at":"2026-11-27T23:17:26.898814Z","updated_at":"2026-11-27T23:17:26.911108Z"}', '{"id":"01a21f4c-a6f3-73c2-a7b5-e7b078d532a8","instrument":"grant","participant":null,"meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"300.00","amount_max":null,"currency":"USD","purpose":"300 in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"partly_paid","pledged_min":"300.00","pledged":"300.00","pledged_max":"300.00","counted_min":"130.00","counted":"130.00","counted_max":"130.00","committed":"0.00","paid":"30.00","withdrawn":"0.00","outstanding":"100.00","version":5,"created_at":"2026-11-27T23:17:26.898814Z","updated_at":"2026-11-27T23:17:26.921454Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (103, '2026-11-27 23:17:26.925391+00', 'desk', 'create', 'pledges', '01a21f4c-a70d-77a2-974b-c2a2b70f29ae', '01a21f4c-a70d-77a2-974b-c2a2b70f29ae', 1, NULL, '{"id":"01a21f4c-a70d-77a2-974b-c2a2b70f29ae","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"10.00","amount_max":null,"currency":"EUR","purpose":"10 with a part of about 4","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"10.00","pledged":"10.00","pledged_max":"10.00","counted_min":"10.00","counted":"10.00","counted_max":"10.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"10.00","version":1,"created_at":"2026-11-27T23:17:26.925391Z","updated_at":"2026-11-27T23:17:26.925391Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (104, '2026-11-27 23:17:26.929396+00', 'desk', 'create', 'pledges', '01a21f4c-a712-75f4-9e9a-83ab3d325f7b', '01a21f4c-a712-75f4-9e9a-83ab3d325f7b', 1, NULL, '{"id":"01a21f4c-a712-75f4-9e9a-83ab3d325f7b","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":"01a21f4c-a70d-77a2-974b-c2a2b70f29ae","restates":null,"qualifier":"about","amount_min":"3.00","amount":"4.00","amount_max":"5.00","currency":"EUR","purpose":"about 4 of 10","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"3.00","pledged":"4.00","pledged_max":"5.00","counted_min":"3.00","counted":"4.00","counted_max":"5.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"4.00","version":1,"created_at":"2026-11-27T23:17:26.929396Z","updated_at":"2026-11-27T23:17:26.929396Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (105, '2026-11-27 23:17:26.929396+00', 'desk', 'update', 'pledges', '01a21f4c-a70d-77a2-974b-c2a2b70f29ae', '01a21f4c-a70d-77a2-974b-c2a2b70f29ae', 2, '{"id":"01a21f4c-a70d-77a2-974b-c2a2b70f29ae","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"10.00","amount_max":null,"currency":"EUR","purpose":"10 with a part of about 4","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"10.00","pledged":"10.00","pledged_max":"10.00","counted_min":"10.00","counted":"10.00","counted_max":"10.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"10.00","version":1,"created_at":"2026-11-27T23:17:26.925391Z","updated_at":"2026-11-27T23:17:26.925391Z"}', '{"id":"01a21f4c-a70d-77a2-974b-c2a2b70f29ae","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"10.00","amount_max":null,"currency":"EUR","purpose":"10 with a part of about 4","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"10.00","pledged":"10.00","pledged_max":"10.00","counted_min":"6.00","counted":"6.00","counted_max":"6.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"6.00","version":2,"created_at":"2026-11-27T23:17:26.925391Z","updated_at":"2026-11-27T23:17:26.929396Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (106, '2026-11-27 23:17:26.934353+00', 'desk', 'create', 'pledges', '01a21f4c-a716-74f7-8d65-1420d9294f31', '01a21f4c-a716-74f7-8d65-1420d9294f31', 1, NULL, '{"id":"01a21f4c-a716-74f7-8d65-1420d9294f31","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"about","amount_min":null,"amount":"8.00","amount_max":null,"currency":"EUR","purpose":"about 8, all of it in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"8.00","pledged":"8.00","pledged_max":"8.00","counted_min":"8.00","counted":"8.00","counted_max":"8.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"8.00","version":1,"created_at":"2026-11-27T23:17:26.934353Z","updated_at":"2026-11-27T23:17:26.934353Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (107, '2026-11-27 23:17:26.937949+00', 'desk', 'create', 'pledges', '01a21f4c-a71a-7299-966a-525649707028', '01a21f4c-a71a-7299-966a-525649707028', 1, NULL, '{"id":"01a21f4c-a71a-7299-966a-525649707028","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":"01a21f4c-a716-74f7-8d65-1420d9294f31","restates":null,"qualifier":"between","amount_min":"5.00","amount":"6.00","amount_max":"6.00","currency":"EUR","purpose":"6 of 8","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"5.00","pledged":"6.00","pledged_max":"6.00","counted_min":"5.00","counted":"6.00","counted_max":"6.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"6.00","version":1,"created_at":"2026-11-27T23:17:26.937949Z","updated_at":"2026-11-27T23:17:26.937949Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (108, '2026-11-27 23:17:26.937949+00', 'desk', 'update', 'pledges', '01a21f4c-a716-74f7-8d65-1420d9294f31', '01a21f4c-a716-74f7-8d65-1420d9294f31', 2, '{"id":"01a21f4c-a716-74f7-8d65-1420d9294f31","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"about","amount_min":null,"amount":"8.00","amount_max":null,"currency":"EUR","purpose":"about 8, all of it in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"8.00","pledged":"8.00","pledged_max":"8.00","counted_min":"8.00","counted":"8.00","counted_max":"8.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"8.00","version":1,"created_at":"2026-11-27T23:17:26.934353Z","updated_at":"2026-11-27T23:17:26.934353Z"}', '{"id":"01a21f4c-a716-74f7-8d65-1420d9294f31","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"about","amount_min":null,"amount":"8.00","amount_max":null,"currency":"EUR","purpose":"about 8, all of it in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"8.00","pledged":"8.00","pledged_max":"8.00","counted_min":"2.00","counted":"2.00","counted_max":"2.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"2.00","version":2,"created_at":"2026-11-27T23:17:26.934353Z","updated_at":"2026-11-27T23:17:26.937949Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (109, '2026-11-27 23:17:26.942952+00', 'desk', 'create', 'pledges', '01a21f4c-a71f-7030-877e-3053c30d2cda', '01a21f4c-a71f-7030-877e-3053c30d2cda', 1, NULL, '{"id":"01a21f4c-a71f-7030-877e-3053c30d2cda","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":"01a21f4c-a716-74f7-8d65-1420d9294f31","restates":null,"qualifier":"exact","amount_min":null,"amount":"2.00","amount_max":null,"currency":"EUR","purpose":"2 of 8","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"2.00","pledged":"2.00","pledged_max":"2.00","counted_min":"2.00","counted":"2.00","counted_max":"2.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"2.00","version":1,"created_at":"2026-11-27T23:17:26.942952Z","updated_at":"2026-11-27T23:17:26.942952Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (110, '2026-11-27 23:17:26.942952+00', 'desk', 'update', 'pledges', '01a21f4c-a716-74f7-8d65-1420d9294f31', '01a21f4c-a716-74f7-8d65-1420d9294f31', 3, '{"id":"01a21f4c-a716-74f7-8d65-1420d9294f31","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"about","amount_min":null,"amount":"8.00","amount_max":null,"currency":"EUR","purpose":"about 8, all of it in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"8.00","pledged":"8.00","pledged_max":"8.00","counted_min":"2.00","counted":"2.00","counted_max":"2.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"2.00","version":2,"created_at":"2026-11-27T23:17:26.934353Z","updated_at":"2026-11-27T23:17:26.937949Z"}', '{"id":"01a21f4c-a716-74f7-8d65-1420d9294f31","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"about","amount_min":null,"amount":"8.00","amount_max":null,"currency":"EUR","purpose":"about 8, all of it in parts","beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"8.00","pledged":"8.00","pledged_max":"8.00","counted_min":"0.00","counted":"0.00","counted_max":"0.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"0.00","version":3,"created_at":"2026-11-27T23:17:26.934353Z","updated_at":"2026-11-27T23:17:26.942952Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (112, '2026-11-27 23:17:26.951558+00', 'desk', 'retract', 'pledges', '01a21f4c-a724-73ce-8fb4-9ad60c1e7b7c', '01a21f4c-a724-73ce-8fb4-9ad60c1e7b7c', 2, '{"id":"01a21f4c-a724-73ce-8fb4-9ad60c1e7b7c","instrument":"grant","participant":"USA","meeting":"kuwait-2018","parent":null,"restates":null,"qualifier":"exact","amount_min":null,"amount":"1.00","amount_max":null,"currency":"USD","purpose":null,"beneficiary":null,"announced_on":"2018-02-13","announced_by_name":null,"announced_by_office":null,"period_from":null,"period_to":null,"conditions":null,"state":"open","pledged_min":"1.00","pledged":"1.00","pledged_max":"1.00","counted_min":"1.00","counted":"1.00","counted_max":"1.00","committed":"0.00","paid":"0.00","withdrawn":"0.00","outstanding":"1.00","version":1,"created_at":"2026-11-27T23:17:26.947953Z","updated_at":"2026-11-27T23:17:26.947953Z"}', NULL, 'made for those who upgrade');
INSERT INTO public.changes VALUES (113, '2026-11-27 23:17:26.957934+00', 'desk', 'create', 'articles', '01a21f4c-a72e-7690-a3b7-5b5b7e7b06d3', '01a21f4c-a72e-7690-a3b7-5b5b7e7b06d3', 1, NULL, '{"id":"01a21f4c-a72e-7690-a3b7-5b5b7e7b06d3","publisher":"Example","language":"en","title":"0","kind":"report","url":null,"published_on":null,"body":null,"body_sha256":null,"version":1,"created_at":"2026-11-27T23:17:26.957934Z","updated_at":"2026-11-27T23:17:26.957934Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (114, '2026-11-27 23:17:26.957934+00', 'desk', 'create', 'articles', '01a21f4c-a72f-732b-8353-b14bbd88bb39', '01a21f4c-a72f-732b-8353-b14bbd88bb39', 1, NULL, '{"id":"01a21f4c-a72f-732b-8353-b14bbd88bb39","publisher":"Example","language":"en","title":"1","kind":"report","url":null,"published_on":null,"body":null,"body_sha256":null,"version":1,"created_at":"2026-11-27T23:17:26.957934Z","updated_at":"2026-11-27T23:17:26.957934Z"}', 'made for those who upgrade');
INSERT INTO public.changes VALUES (115, '2026-11-27 23:17:26.957934+00', 'desk', 'create', 'articles', '01a21f4c-a72f-732b-8353-b14c39138ec2', '01a21f4c-a72f-732b-8353-b14c39138ec2', 1, NULL, '{"id":"01a21f4c-a72f-732b-8353-b14c39138ec2","publisher":"Example","language":"en","title":"2","kind":"report","url":null,"published_on":null,"body":null,"body_sha256":null,"version":1,"created_at":"2026-11-27T23:17:26.957934Z","updated_at":"2026-11-27T23:17:26.957934Z"}', 'made for those who upgrade');


--
-- Data for Name: citations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.citations VALUES ('01a21f4c-a5d9-75b0-81c7-55d99a2cb3a2', NULL, NULL, NULL, '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', NULL, '01a21f4c-a5c7-74ec-8771-2d5ad18d9dd3', '200 million dollars', 26, 45, '{"amount": "230000000.00"}', true, 1, '2026-11-27 23:17:26.613509+00', '2026-11-27 23:17:26.613509+00', NULL);


--
-- Data for Name: coalitions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.coalitions VALUES ('01a21f4c-a50e-7202-ba1a-dbeb7411ccd5', 'coalition', '{"en": "Coalition"}', '2014-09', '2014-09-01', NULL, 1, '2026-11-27 23:17:26.414274+00', '2026-11-27 23:17:26.414274+00', NULL);


--
-- Data for Name: events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.events VALUES ('01a21f4c-a5df-7353-964f-e9d613c06c97', '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', 'paid', '2018-06', '2018-06-01', 660000000, false, NULL, 1, '2026-11-27 23:17:26.622028+00', '2026-11-27 23:17:26.622028+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a5ea-7589-81bb-df04b142aa44', '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', 'redirected', '2018-08-17', '2018-08-17', 19340000000, false, NULL, 3, '2026-11-27 23:17:26.632286+00', '2026-11-27 23:17:26.648221+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a644-74a3-a78b-76cb5022a515', '01a21f4c-a63e-7477-8e75-312c7b950b5d', 'committed', '2018-03', '2018-03-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.723696+00', '2026-11-27 23:17:26.723696+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a64a-7018-aacf-7631ce993dee', '01a21f4c-a63e-7477-8e75-312c7b950b5d', 'paid', '2018-04', '2018-04-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.729405+00', '2026-11-27 23:17:26.729405+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a652-73c0-b365-900dacc04892', '01a21f4c-a64e-706b-85c7-724b054702db', 'committed', '2018-03', '2018-03-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.738133+00', '2026-11-27 23:17:26.738133+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a65c-77d2-b0b0-132eea2798bf', '01a21f4c-a657-73ec-a883-22f88bfdb870', 'committed', '2018-03', '2018-03-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.747366+00', '2026-11-27 23:17:26.747366+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a661-70b1-93cd-fa630a4374a7', '01a21f4c-a657-73ec-a883-22f88bfdb870', 'frozen', '2018-04', '2018-04-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.753+00', '2026-11-27 23:17:26.753+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a66f-774c-8c0d-81b596b5241b', '01a21f4c-a668-722b-85fa-86fdffe8db7c', 'paid', '2018-03', '2018-03-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.766282+00', '2026-11-27 23:17:26.766282+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a677-7631-84a1-c24920e7632d', '01a21f4c-a668-722b-85fa-86fdffe8db7c', 'withdrawn', '2018-04', '2018-04-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.774324+00', '2026-11-27 23:17:26.774324+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a684-76ce-90bb-01d121a13d5e', '01a21f4c-a67e-764b-afb7-cfcf4d4dac82', 'withdrawn', '2018-03', '2018-03-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.787294+00', '2026-11-27 23:17:26.787294+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a689-732d-a0e9-75bc49767a9b', '01a21f4c-a67e-764b-afb7-cfcf4d4dac82', 'paid', '2018-04', '2018-04-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.79339+00', '2026-11-27 23:17:26.79339+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a691-755a-8c7e-116ee7efc0e6', '01a21f4c-a68e-759d-9fa6-fc210039b637', 'paid', '2018-03', '2018-03-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.801122+00', '2026-11-27 23:17:26.801122+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a699-752d-9c0b-285b2380ce9c', '01a21f4c-a68e-759d-9fa6-fc210039b637', 'frozen', '2018-04', '2018-04-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.80828+00', '2026-11-27 23:17:26.80828+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a6ab-7654-be5e-6c56f7f84ea3', '01a21f4c-a6a2-725b-b058-d887e6d989ae', 'frozen', '2018-03', '2018-03-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.8268+00', '2026-11-27 23:17:26.8268+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a6b9-747d-9fc0-c6691d622a27', '01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9', 'paid', '2018-03', '2018-03-01', NULL, false, NULL, 2, '2026-11-27 23:17:26.840429+00', '2026-11-27 23:17:26.846212+00', '2026-11-27 23:17:26.846212+00');
INSERT INTO public.events VALUES ('01a21f4c-a6cb-76d6-974f-468ceb750dff', '01a21f4c-a6c3-7729-b45e-ae529ed4d7dc', 'paid', '2018-03', '2018-03-01', NULL, false, NULL, 2, '2026-11-27 23:17:26.858506+00', '2026-11-27 23:17:26.862599+00', '2026-11-27 23:17:26.862599+00');
INSERT INTO public.events VALUES ('01a21f4c-a6d7-7330-92f6-d280ffbdcbfb', '01a21f4c-a6d4-74ac-97c8-05adc4a197da', 'committed', '2018-03', '2018-03-01', NULL, false, NULL, 1, '2026-11-27 23:17:26.871178+00', '2026-11-27 23:17:26.871178+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a6dc-70c7-8a3b-7511789f1ad4', '01a21f4c-a6d4-74ac-97c8-05adc4a197da', 'paid', '2018-04', '2018-04-01', NULL, true, NULL, 1, '2026-11-27 23:17:26.876093+00', '2026-11-27 23:17:26.876093+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a6e6-75dc-b045-caec582177c2', '01a21f4c-a6e0-7113-91e2-6cd5bebac952', 'paid', '2018-03', '2018-03-01', 500, false, NULL, 2, '2026-11-27 23:17:26.886305+00', '2026-11-27 23:17:26.889949+00', '2026-11-27 23:17:26.889949+00');
INSERT INTO public.events VALUES ('01a21f4c-a6ff-73aa-b47d-98093ee6258f', '01a21f4c-a6f6-77af-be9f-9faf6651006a', 'increased', '2018-03', '2018-03-01', 2000, false, NULL, 1, '2026-11-27 23:17:26.911108+00', '2026-11-27 23:17:26.911108+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a705-72cb-a31d-135218008c83', '01a21f4c-a6f6-77af-be9f-9faf6651006a', 'paid', '2018-04', '2018-04-01', 4000, false, NULL, 1, '2026-11-27 23:17:26.916688+00', '2026-11-27 23:17:26.916688+00', NULL);
INSERT INTO public.events VALUES ('01a21f4c-a709-773e-ab20-97ee6e01d2ea', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', 'paid', '2018-04', '2018-04-01', 3000, false, NULL, 1, '2026-11-27 23:17:26.921454+00', '2026-11-27 23:17:26.921454+00', NULL);


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.idempotency_keys VALUES ('01a21f4c-a3f9-76bd-8559-b8cf3fbc62d1', 'release', '\x45e97f85905cab2fa87e54e467b65e5fef692d35a91c21cfd2b78dbf13ec0728', 201, '[["content-type","application/json"],["cache-control","no-store"],["content-language","en"]]', '\x7b2263726561746564223a332c226974656d73223a5b7b22696e646578223a302c22737461747573223a3230312c226b6579223a2230316132316634632d613732652d373639302d613362372d356235623765376230366433222c226c6f636174696f6e223a222f76312f61727469636c65732f30316132316634632d613732652d373639302d613362372d356235623765376230366433222c2276657273696f6e223a317d2c7b22696e646578223a312c22737461747573223a3230312c226b6579223a2230316132316634632d613732662d373332622d383335332d623134626264383862623339222c226c6f636174696f6e223a222f76312f61727469636c65732f30316132316634632d613732662d373332622d383335332d623134626264383862623339222c2276657273696f6e223a317d2c7b22696e646578223a322c22737461747573223a3230312c226b6579223a2230316132316634632d613732662d373332622d383335332d623134633339313338656332222c226c6f636174696f6e223a222f76312f61727469636c65732f30316132316634632d613732662d373332622d383335332d623134633339313338656332222c2276657273696f6e223a317d5d7d', '2026-11-27 23:17:26.957934+00');


--
-- Data for Name: keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.keys VALUES ('01a21f4c-a3f9-76bd-8559-b8cf3fbc62d1', 'desk', 'editor', '\x88a8a5c4bcb4c2e5a8922cc24f30a3cef6852f68a00ce829be7c344fbbeb0cc8', '2026-11-27 23:17:26.134831+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '2026-11-27 23:17:26.134831+00');
INSERT INTO public.keys VALUES ('01a21f4c-a554-7345-a288-b593154ac81d', 'confined', 'editor', '\xc3e92f219de41016778d4f6247b067642dd61b1f3615de4c70591dbd4844d4f2', '2026-11-27 23:17:26.481776+00', NULL, NULL, NULL, '2100-01-01 00:00:00+00', NULL, NULL, '01a21f4c-a4ea-7152-9c77-84d4645ff289', 'of Kuwait', 1, '2026-11-27 23:17:26.481776+00');
INSERT INTO public.keys VALUES ('01a21f4c-a58c-751c-99f2-df761401d558', 'turned', 'reader', '\x57ca899a13969a57aa1cda2e4f7bd4bfb95d554a598937b00f9d28fbed762655', '2026-11-27 23:17:26.538296+00', NULL, '\x177ecd0719ff1e38dcadd6afafc85e6d09f0a36614427ea62a1ac073c772dc62', '2026-11-28 00:17:26.585881+00', NULL, NULL, NULL, NULL, NULL, 2, '2026-11-27 23:17:26.585881+00');


--
-- Data for Name: meetings; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.meetings VALUES ('01a21f4c-a517-75a7-9b57-b506c2b6f4c5', 'kuwait-2018', '{"ar": "اجتماع وزاري في الكويت", "en": "Ministerial in Kuwait"}', 'ministerial', '01a21f4c-a50e-7202-ba1a-dbeb7411ccd5', '2018-02-13', '2018-02-13', '2018-02-13', NULL, 'Kuwait City', '01a21f4c-a4ea-7152-9c77-84d4645ff289', 100000000000, NULL, 'USD', NULL, 1, '2026-11-27 23:17:26.422987+00', '2026-11-27 23:17:26.422987+00', NULL);


--
-- Data for Name: member_periods; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.member_periods VALUES ('01a21f4c-a513-7332-adc1-d0dfb61a5755', 0, '2014-09', '2014-09-01', NULL, NULL);


--
-- Data for Name: members; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.members VALUES ('01a21f4c-a513-7332-adc1-d0dfb61a5755', '01a21f4c-a50e-7202-ba1a-dbeb7411ccd5', '01a21f4c-a4e4-7606-8806-f50c3049ee7b', 1, '2026-11-27 23:17:26.417757+00', '2026-11-27 23:17:26.417757+00', NULL);


--
-- Data for Name: participants; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.participants VALUES ('01a21f4c-a4e4-7606-8806-f50c3049ee7b', 'USA', 'state', '{"ar": "الولايات المتحدة", "en": "United States"}', '[]', '[]', NULL, 1, '2026-11-27 23:17:26.370655+00', '2026-11-27 23:17:26.370655+00', NULL);
INSERT INTO public.participants VALUES ('01a21f4c-a4ee-754e-912b-e778f10803fe', 'IRQ', 'state', '{"ar": "العراق", "en": "Iraq"}', '[]', '[]', NULL, 1, '2026-11-27 23:17:26.381819+00', '2026-11-27 23:17:26.381819+00', NULL);
INSERT INTO public.participants VALUES ('01a21f4c-a4f2-74ef-a73a-162eb1ac0a18', 'GBR', 'state', '{"ar": "المملكة المتحدة", "en": "United Kingdom"}', '[]', '[]', NULL, 1, '2026-11-27 23:17:26.38593+00', '2026-11-27 23:17:26.38593+00', NULL);
INSERT INTO public.participants VALUES ('01a21f4c-a4ea-7152-9c77-84d4645ff289', 'KWT', 'state', '{"ar": "الكويت", "en": "Kuwait"}', '[{"names": {"en": "Old"}, "until": "1961-06"}]', '["State of Kuwait"]', NULL, 2, '2026-11-27 23:17:26.377532+00', '2026-11-27 23:17:26.395658+00', NULL);
INSERT INTO public.participants VALUES ('01a21f4c-a4f5-7270-979f-c72b6b3343ad', 'UKM', 'state', '{"ar": "بريطانيا", "en": "United Kingdom, as once spelled"}', '[]', '[]', '01a21f4c-a4f2-74ef-a73a-162eb1ac0a18', 2, '2026-11-27 23:17:26.389006+00', '2026-11-27 23:17:26.400959+00', NULL);
INSERT INTO public.participants VALUES ('01a21f4c-a4f8-72c6-bf29-e5377169595d', 'GONE', 'fund', '{"ar": "صندوق", "en": "A fund that was retracted"}', '[]', '[]', NULL, 2, '2026-11-27 23:17:26.392156+00', '2026-11-27 23:17:26.409451+00', '2026-11-27 23:17:26.409451+00');


--
-- Data for Name: pledges; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.pledges VALUES ('01a21f4c-a71a-7299-966a-525649707028', '01a21f4c-a4e4-7606-8806-f50c3049ee7b', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', '01a21f4c-a716-74f7-8d65-1420d9294f31', NULL, NULL, 'grant', 'between', 'EUR', 500, 600, 600, '6 of 8', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 500, 600, 600, 500, 600, 600, 0, 0, 0, 600, 1, '2026-11-27 23:17:26.937949+00', '2026-11-27 23:17:26.937949+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a6e0-7113-91e2-6cd5bebac952', '01a21f4c-a4e4-7606-8806-f50c3049ee7b', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'political', NULL, NULL, NULL, NULL, NULL, 'paid while it had an amount', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 4, '2026-11-27 23:17:26.879827+00', '2026-11-27 23:17:26.893855+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', '01a21f4c-a4e4-7606-8806-f50c3049ee7b', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'grant', 'exact', 'USD', NULL, 20000000000, NULL, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'withdrawn', 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 0, 660000000, 19340000000, 0, 5, '2026-11-27 23:17:26.613509+00', '2026-11-27 23:17:26.648221+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a608-7173-b151-7ebb3ef95c24', '01a21f4c-a4f2-74ef-a73a-162eb1ac0a18', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', '01a21f4c-a603-727f-8549-e17d7a51e471', NULL, NULL, 'grant', 'exact', 'EUR', NULL, 400000000, NULL, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 400000000, 400000000, 400000000, 400000000, 400000000, 400000000, 0, 0, 0, 400000000, 1, '2026-11-27 23:17:26.663877+00', '2026-11-27 23:17:26.663877+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a603-727f-8549-e17d7a51e471', '01a21f4c-a4f2-74ef-a73a-162eb1ac0a18', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'grant', 'exact', 'EUR', NULL, 1000000000, NULL, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 1000000000, 1000000000, 1000000000, 600000000, 600000000, 600000000, 0, 0, 0, 600000000, 2, '2026-11-27 23:17:26.658569+00', '2026-11-27 23:17:26.663877+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a610-742c-8a3e-c690ce5171aa', '01a21f4c-a4e4-7606-8806-f50c3049ee7b', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, '01a21f4c-a5d6-775a-aa3a-fd7d200bfd3f', NULL, 'grant', 'exact', 'USD', NULL, 20000000000, NULL, NULL, '2018-03', '2018-03-01', '2018-03-31', NULL, NULL, NULL, NULL, NULL, 'restated', 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0, 1, '2026-11-27 23:17:26.671911+00', '2026-11-27 23:17:26.671911+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a615-7769-bac0-20f6eb6ff3f6', '01a21f4c-a4ea-7152-9c77-84d4645ff289', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'grant', 'up_to', 'USD', 0, NULL, 100000000000, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 0, NULL, 100000000000, 0, NULL, 100000000000, 0, 0, 0, NULL, 1, '2026-11-27 23:17:26.676991+00', '2026-11-27 23:17:26.676991+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a61a-7428-8768-d83cb9d1e54a', '01a21f4c-a4ee-754e-912b-e778f10803fe', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'political', NULL, NULL, NULL, NULL, NULL, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, '2026-11-27 23:17:26.681526+00', '2026-11-27 23:17:26.681526+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a61f-7247-b783-2058f9c62c9c', NULL, '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'grant', 'between', 'USD', 100, NULL, 200, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 100, NULL, 200, 100, NULL, 200, 0, 0, 0, NULL, 1, '2026-11-27 23:17:26.687086+00', '2026-11-27 23:17:26.687086+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a63e-7477-8e75-312c7b950b5d', '01a21f4c-a4ee-754e-912b-e778f10803fe', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'political', NULL, NULL, NULL, NULL, NULL, 'begun and done', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, '2026-11-27 23:17:26.717901+00', '2026-11-27 23:17:26.729405+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a64e-706b-85c7-724b054702db', '01a21f4c-a4ee-754e-912b-e778f10803fe', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'political', NULL, NULL, NULL, NULL, NULL, 'begun', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, '2026-11-27 23:17:26.733726+00', '2026-11-27 23:17:26.738133+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a657-73ec-a883-22f88bfdb870', '01a21f4c-a4ee-754e-912b-e778f10803fe', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'political', NULL, NULL, NULL, NULL, NULL, 'begun and frozen', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'frozen', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, '2026-11-27 23:17:26.743005+00', '2026-11-27 23:17:26.753+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a71f-7030-877e-3053c30d2cda', '01a21f4c-a4e4-7606-8806-f50c3049ee7b', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', '01a21f4c-a716-74f7-8d65-1420d9294f31', NULL, NULL, 'grant', 'exact', 'EUR', NULL, 200, NULL, '2 of 8', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 200, 200, 200, 200, 200, 200, 0, 0, 0, 200, 1, '2026-11-27 23:17:26.942952+00', '2026-11-27 23:17:26.942952+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a668-722b-85fa-86fdffe8db7c', '01a21f4c-a4ee-754e-912b-e778f10803fe', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'political', NULL, NULL, NULL, NULL, NULL, 'done and withdrawn', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'withdrawn', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, '2026-11-27 23:17:26.759312+00', '2026-11-27 23:17:26.774324+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a6fa-76cc-af93-a263ce485370', '01a21f4c-a4f2-74ef-a73a-162eb1ac0a18', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', NULL, NULL, 'grant', 'exact', 'USD', NULL, 5000, NULL, '50 of 300', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 5000, 5000, 5000, 5000, 5000, 5000, 0, 0, 0, 5000, 1, '2026-11-27 23:17:26.906365+00', '2026-11-27 23:17:26.906365+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a67e-764b-afb7-cfcf4d4dac82', '01a21f4c-a4ee-754e-912b-e778f10803fe', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'political', NULL, NULL, NULL, NULL, NULL, 'withdrawn and done', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'withdrawn', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, '2026-11-27 23:17:26.781445+00', '2026-11-27 23:17:26.79339+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a716-74f7-8d65-1420d9294f31', '01a21f4c-a4e4-7606-8806-f50c3049ee7b', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'grant', 'about', 'EUR', NULL, 800, NULL, 'about 8, all of it in parts', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 800, 800, 800, 0, 0, 0, 0, 0, 0, 0, 3, '2026-11-27 23:17:26.934353+00', '2026-11-27 23:17:26.942952+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a68e-759d-9fa6-fc210039b637', '01a21f4c-a4ee-754e-912b-e778f10803fe', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'political', NULL, NULL, NULL, NULL, NULL, 'done and frozen', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'frozen', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, '2026-11-27 23:17:26.797628+00', '2026-11-27 23:17:26.80828+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a6a2-725b-b058-d887e6d989ae', '01a21f4c-a4ee-754e-912b-e778f10803fe', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'grant', NULL, NULL, NULL, NULL, NULL, 'a grant that is frozen', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'frozen', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, '2026-11-27 23:17:26.817613+00', '2026-11-27 23:17:26.8268+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a6b4-71a7-a0b3-0aa8ada50aa9', '01a21f4c-a4ee-754e-912b-e778f10803fe', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'political', NULL, NULL, NULL, NULL, NULL, 'done, which was retracted', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, '2026-11-27 23:17:26.835237+00', '2026-11-27 23:17:26.846212+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a724-73ce-8fb4-9ad60c1e7b7c', '01a21f4c-a4e4-7606-8806-f50c3049ee7b', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'grant', 'exact', 'USD', NULL, 100, NULL, NULL, '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 100, 100, 100, 100, 100, 100, 0, 0, 0, 100, 2, '2026-11-27 23:17:26.947953+00', '2026-11-27 23:17:26.951558+00', '2026-11-27 23:17:26.951558+00');
INSERT INTO public.pledges VALUES ('01a21f4c-a6c3-7729-b45e-ae529ed4d7dc', '01a21f4c-a4ee-754e-912b-e778f10803fe', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'political', NULL, NULL, NULL, NULL, NULL, 'done and retracted', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, '2026-11-27 23:17:26.850735+00', '2026-11-27 23:17:26.862599+00', '2026-11-27 23:17:26.862599+00');
INSERT INTO public.pledges VALUES ('01a21f4c-a6f6-77af-be9f-9faf6651006a', '01a21f4c-a4ea-7152-9c77-84d4645ff289', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', '01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', NULL, NULL, 'grant', 'exact', 'USD', NULL, 10000, NULL, '100 of 300', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'partly_paid', 12000, 12000, 12000, 12000, 12000, 12000, 0, 4000, 0, 8000, 3, '2026-11-27 23:17:26.901739+00', '2026-11-27 23:17:26.916688+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a6d4-74ac-97c8-05adc4a197da', '01a21f4c-a4ee-754e-912b-e778f10803fe', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'political', NULL, NULL, NULL, NULL, NULL, 'beyond what nobody promised', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, '2026-11-27 23:17:26.867526+00', '2026-11-27 23:17:26.876093+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a6f3-73c2-a7b5-e7b078d532a8', NULL, '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'grant', 'exact', 'USD', NULL, 30000, NULL, '300 in parts', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'partly_paid', 30000, 30000, 30000, 13000, 13000, 13000, 0, 3000, 0, 10000, 5, '2026-11-27 23:17:26.898814+00', '2026-11-27 23:17:26.921454+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a712-75f4-9e9a-83ab3d325f7b', '01a21f4c-a4e4-7606-8806-f50c3049ee7b', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', '01a21f4c-a70d-77a2-974b-c2a2b70f29ae', NULL, NULL, 'grant', 'about', 'EUR', 300, 400, 500, 'about 4 of 10', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 300, 400, 500, 300, 400, 500, 0, 0, 0, 400, 1, '2026-11-27 23:17:26.929396+00', '2026-11-27 23:17:26.929396+00', NULL);
INSERT INTO public.pledges VALUES ('01a21f4c-a70d-77a2-974b-c2a2b70f29ae', '01a21f4c-a4e4-7606-8806-f50c3049ee7b', '01a21f4c-a517-75a7-9b57-b506c2b6f4c5', NULL, NULL, NULL, 'grant', 'exact', 'EUR', NULL, 1000, NULL, '10 with a part of about 4', '2018-02-13', '2018-02-13', '2018-02-13', NULL, NULL, NULL, NULL, NULL, 'open', 1000, 1000, 1000, 600, 600, 600, 0, 0, 0, 600, 2, '2026-11-27 23:17:26.925391+00', '2026-11-27 23:17:26.929396+00', NULL);


--
-- Data for Name: rates; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.rates VALUES ('01a21f4c-a5cd-72f6-824c-9e96873fb544', 'EUR', '2018-02-13', 'ECB', '0.81', 1, '2026-11-27 23:17:26.603914+00', '2026-11-27 23:17:26.603914+00', false);
INSERT INTO public.rates VALUES ('01a21f4c-a5cd-72f6-824c-9e979d414c54', 'EUR', '2018-02-14', 'ECB', '0.81', 1, '2026-11-27 23:17:26.603914+00', '2026-11-27 23:17:26.603914+00', false);
INSERT INTO public.rates VALUES ('01a21f4c-a5d1-7082-b81e-f2c6e13d3b2b', 'EUR', '2018-02-15', 'other', '9.9', 1, '2026-11-27 23:17:26.609004+00', '2026-11-27 23:17:26.609004+00', true);


--
-- Data for Name: revision; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.revision VALUES (1, -7780694913115503143, -6941499740004630687);


--
-- Data for Name: rollups; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.rollups VALUES ('meeting', 'kuwait-2018', '', 'USD', false, 6, 6, 4, 6, 20000047100, 20000047000, 120000047200, 20000030100, 20000030000, 120000030200, 0, 660007000, 19340000000, 23000);
INSERT INTO public.rollups VALUES ('participant', 'USA', '', 'USD', false, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 0, 660000000, 19340000000, 0);
INSERT INTO public.rollups VALUES ('instrument', 'grant', '', 'USD', false, 6, 6, 4, 6, 20000047100, 20000047000, 120000047200, 20000030100, 20000030000, 120000030200, 0, 660007000, 19340000000, 23000);
INSERT INTO public.rollups VALUES ('state', 'open', '', 'USD', false, 3, 3, 1, 3, 5100, 5000, 100000005200, 5100, 5000, 100000005200, 0, 0, 0, 5000);
INSERT INTO public.rollups VALUES ('beneficiary', '~', '', 'USD', false, 6, 6, 4, 6, 20000047100, 20000047000, 120000047200, 20000030100, 20000030000, 120000030200, 0, 660007000, 19340000000, 23000);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'USA', 'USD', false, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 0, 660000000, 19340000000, 0);
INSERT INTO public.rollups VALUES ('meeting_instrument', 'kuwait-2018', 'grant', 'USD', false, 6, 6, 4, 6, 20000047100, 20000047000, 120000047200, 20000030100, 20000030000, 120000030200, 0, 660007000, 19340000000, 23000);
INSERT INTO public.rollups VALUES ('participant', 'GBR', '', 'EUR', false, 2, 2, 2, 2, 1400000000, 1400000000, 1400000000, 1000000000, 1000000000, 1000000000, 0, 0, 0, 1000000000);
INSERT INTO public.rollups VALUES ('state', 'partly_paid', '', 'USD', false, 2, 2, 2, 2, 42000, 42000, 42000, 25000, 25000, 25000, 0, 7000, 0, 18000);
INSERT INTO public.rollups VALUES ('register', '', '', 'EUR', false, 7, 7, 7, 7, 1400002800, 1400003000, 1400003100, 1000001600, 1000001800, 1000001900, 0, 0, 0, 1000001800);
INSERT INTO public.rollups VALUES ('meeting', 'kuwait-2018', '', 'EUR', false, 7, 7, 7, 7, 1400002800, 1400003000, 1400003100, 1000001600, 1000001800, 1000001900, 0, 0, 0, 1000001800);
INSERT INTO public.rollups VALUES ('instrument', 'grant', '', 'EUR', false, 7, 7, 7, 7, 1400002800, 1400003000, 1400003100, 1000001600, 1000001800, 1000001900, 0, 0, 0, 1000001800);
INSERT INTO public.rollups VALUES ('state', 'withdrawn', '', 'USD', false, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 20000000000, 0, 660000000, 19340000000, 0);
INSERT INTO public.rollups VALUES ('register', '', '', 'USD', false, 6, 6, 4, 6, 20000047100, 20000047000, 120000047200, 20000030100, 20000030000, 120000030200, 0, 660007000, 19340000000, 23000);
INSERT INTO public.rollups VALUES ('state', 'withdrawn', '', '~', false, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('participant', 'IRQ', '', '~', false, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'GBR', 'EUR', false, 2, 2, 2, 2, 1400000000, 1400000000, 1400000000, 1000000000, 1000000000, 1000000000, 0, 0, 0, 1000000000);
INSERT INTO public.rollups VALUES ('register', '', '', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting', 'kuwait-2018', '', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('participant', 'USA', '', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('instrument', 'grant', '', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('state', 'restated', '', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('beneficiary', '~', '', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'USA', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_instrument', 'kuwait-2018', 'grant', 'USD', true, 1, 1, 1, 1, 20000000000, 20000000000, 20000000000, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('participant', 'USA', '', 'EUR', false, 5, 5, 5, 5, 2800, 3000, 3100, 1600, 1800, 1900, 0, 0, 0, 1800);
INSERT INTO public.rollups VALUES ('meeting_instrument', 'kuwait-2018', 'grant', '~', false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('state', 'frozen', '', '~', false, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'IRQ', '~', false, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('state', 'open', '', 'EUR', false, 7, 7, 7, 7, 1400002800, 1400003000, 1400003100, 1000001600, 1000001800, 1000001900, 0, 0, 0, 1000001800);
INSERT INTO public.rollups VALUES ('state', 'fulfilled', '', 'USD', false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('register', '', '', '~', false, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting', 'kuwait-2018', '', '~', false, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('participant', 'USA', '', '~', false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_instrument', 'kuwait-2018', 'political', '~', false, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('participant', 'KWT', '', 'USD', false, 2, 2, 1, 2, 12000, 12000, 100000012000, 12000, 12000, 100000012000, 0, 4000, 0, 8000);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'KWT', 'USD', false, 2, 2, 1, 2, 12000, 12000, 100000012000, 12000, 12000, 100000012000, 0, 4000, 0, 8000);
INSERT INTO public.rollups VALUES ('instrument', 'political', '', '~', false, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('beneficiary', '~', '', 'EUR', false, 7, 7, 7, 7, 1400002800, 1400003000, 1400003100, 1000001600, 1000001800, 1000001900, 0, 0, 0, 1000001800);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'USA', 'EUR', false, 5, 5, 5, 5, 2800, 3000, 3100, 1600, 1800, 1900, 0, 0, 0, 1800);
INSERT INTO public.rollups VALUES ('meeting_instrument', 'kuwait-2018', 'grant', 'EUR', false, 7, 7, 7, 7, 1400002800, 1400003000, 1400003100, 1000001600, 1000001800, 1000001900, 0, 0, 0, 1000001800);
INSERT INTO public.rollups VALUES ('instrument', 'grant', '', '~', false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('participant', 'GBR', '', 'USD', false, 1, 1, 1, 1, 5000, 5000, 5000, 5000, 5000, 5000, 0, 0, 0, 5000);
INSERT INTO public.rollups VALUES ('state', 'open', '', '~', false, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('beneficiary', '~', '', '~', false, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'USA', '~', false, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', 'GBR', 'USD', false, 1, 1, 1, 1, 5000, 5000, 5000, 5000, 5000, 5000, 0, 0, 0, 5000);
INSERT INTO public.rollups VALUES ('participant', '~', '', 'USD', false, 2, 2, 1, 2, 30100, 30000, 30200, 13100, 13000, 13200, 0, 3000, 0, 10000);
INSERT INTO public.rollups VALUES ('meeting_participant', 'kuwait-2018', '~', 'USD', false, 2, 2, 1, 2, 30100, 30000, 30200, 13100, 13000, 13200, 0, 3000, 0, 10000);


--
-- Name: _sqlx_migrations _sqlx_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);


--
-- Name: articles articles_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.articles
    ADD CONSTRAINT articles_pkey PRIMARY KEY (id);


--
-- Name: attendance attendance_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attendance
    ADD CONSTRAINT attendance_pkey PRIMARY KEY (id);


--
-- Name: changes changes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (seq);


--
-- Name: citations citations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_pkey PRIMARY KEY (id);


--
-- Name: coalitions coalitions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.coalitions
    ADD CONSTRAINT coalitions_pkey PRIMARY KEY (id);


--
-- Name: coalitions coalitions_slug_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.coalitions
    ADD CONSTRAINT coalitions_slug_key UNIQUE (slug);


--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);


--
-- Name: idempotency_keys idempotency_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (holder_id, key);


--
-- Name: keys keys_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_hash_key UNIQUE (hash);


--
-- Name: keys keys_old_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_old_hash_key UNIQUE (old_hash);


--
-- Name: keys keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (id);


--
-- Name: meetings meetings_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_pkey PRIMARY KEY (id);


--
-- Name: meetings meetings_slug_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_slug_key UNIQUE (slug);


--
-- Name: member_periods member_periods_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.member_periods
    ADD CONSTRAINT member_periods_pkey PRIMARY KEY (member_id, "position");


--
-- Name: members members_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (id);


--
-- Name: participants participants_code_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.participants
    ADD CONSTRAINT participants_code_key UNIQUE (code);


--
-- Name: participants participants_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.participants
    ADD CONSTRAINT participants_pkey PRIMARY KEY (id);


--
-- Name: pledges pledges_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_pkey PRIMARY KEY (id);


--
-- Name: rates rates_currency_date_source_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rates
    ADD CONSTRAINT rates_currency_date_source_key UNIQUE (currency, date, source);


--
-- Name: rates rates_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rates
    ADD CONSTRAINT rates_pkey PRIMARY KEY (id);


--
-- Name: revision revision_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT revision_pkey PRIMARY KEY (id);


--
-- Name: rollups rollups_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rollups
    ADD CONSTRAINT rollups_pkey PRIMARY KEY (level, key1, key2, currency, restated);


--
-- Name: articles_folded; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX articles_folded ON public.articles USING btree (folded_sha256);


--
-- Name: articles_published; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX articles_published ON public.articles USING btree (published_first, id);


--
-- Name: attendance_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX attendance_live ON public.attendance USING btree (meeting_id, participant_id) WHERE (retracted_at IS NULL);


--
-- Name: attendance_participant; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX attendance_participant ON public.attendance USING btree (participant_id);


--
-- Name: changes_record; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX changes_record ON public.changes USING btree (record_id, seq);


--
-- Name: citations_article; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX citations_article ON public.citations USING btree (article_id);


--
-- Name: citations_coalition; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX citations_coalition ON public.citations USING btree (coalition_id);


--
-- Name: citations_event; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX citations_event ON public.citations USING btree (event_id);


--
-- Name: citations_meeting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX citations_meeting ON public.citations USING btree (meeting_id);


--
-- Name: citations_participant; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX citations_participant ON public.citations USING btree (participant_id);


--
-- Name: citations_pledge; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX citations_pledge ON public.citations USING btree (pledge_id);


--
-- Name: events_pledge; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX events_pledge ON public.events USING btree (pledge_id, id);


--
-- Name: idempotency_keys_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idempotency_keys_at ON public.idempotency_keys USING btree (at);


--
-- Name: meetings_coalition; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX meetings_coalition ON public.meetings USING btree (coalition_id);


--
-- Name: meetings_country; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX meetings_country ON public.meetings USING btree (country_id);


--
-- Name: meetings_starts; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX meetings_starts ON public.meetings USING btree (starts_first, id);


--
-- Name: members_live; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX members_live ON public.members USING btree (coalition_id, participant_id) WHERE (retracted_at IS NULL);


--
-- Name: members_participant; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX members_participant ON public.members USING btree (participant_id);


--
-- Name: participants_merged_into; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX participants_merged_into ON public.participants USING btree (merged_into);


--
-- Name: pledges_announced; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pledges_announced ON public.pledges USING btree (announced_first, id);


--
-- Name: pledges_beneficiary; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pledges_beneficiary ON public.pledges USING btree (beneficiary_id);


--
-- Name: pledges_meeting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pledges_meeting ON public.pledges USING btree (meeting_id, id);


--
-- Name: pledges_parent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pledges_parent ON public.pledges USING btree (parent_id);


--
-- Name: pledges_participant; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pledges_participant ON public.pledges USING btree (participant_id, id);


--
-- Name: pledges_restates; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pledges_restates ON public.pledges USING btree (restates_id);


--
-- Name: attendance attendance_meeting_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attendance
    ADD CONSTRAINT attendance_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES public.meetings(id) ON DELETE CASCADE;


--
-- Name: attendance attendance_participant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attendance
    ADD CONSTRAINT attendance_participant_id_fkey FOREIGN KEY (participant_id) REFERENCES public.participants(id);


--
-- Name: citations citations_article_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_article_id_fkey FOREIGN KEY (article_id) REFERENCES public.articles(id);


--
-- Name: citations citations_coalition_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_coalition_id_fkey FOREIGN KEY (coalition_id) REFERENCES public.coalitions(id) ON DELETE CASCADE;


--
-- Name: citations citations_event_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.events(id) ON DELETE CASCADE;


--
-- Name: citations citations_meeting_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES public.meetings(id) ON DELETE CASCADE;


--
-- Name: citations citations_participant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_participant_id_fkey FOREIGN KEY (participant_id) REFERENCES public.participants(id) ON DELETE CASCADE;


--
-- Name: citations citations_pledge_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.citations
    ADD CONSTRAINT citations_pledge_id_fkey FOREIGN KEY (pledge_id) REFERENCES public.pledges(id) ON DELETE CASCADE;


--
-- Name: events events_pledge_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pledge_id_fkey FOREIGN KEY (pledge_id) REFERENCES public.pledges(id) ON DELETE CASCADE;


--
-- Name: idempotency_keys idempotency_keys_holder_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_holder_id_fkey FOREIGN KEY (holder_id) REFERENCES public.keys(id);


--
-- Name: keys keys_participant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_participant_id_fkey FOREIGN KEY (participant_id) REFERENCES public.participants(id);


--
-- Name: meetings meetings_coalition_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_coalition_id_fkey FOREIGN KEY (coalition_id) REFERENCES public.coalitions(id);


--
-- Name: meetings meetings_country_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_country_id_fkey FOREIGN KEY (country_id) REFERENCES public.participants(id);


--
-- Name: member_periods member_periods_member_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.member_periods
    ADD CONSTRAINT member_periods_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.members(id) ON DELETE CASCADE;


--
-- Name: members members_coalition_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_coalition_id_fkey FOREIGN KEY (coalition_id) REFERENCES public.coalitions(id) ON DELETE CASCADE;


--
-- Name: members members_participant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_participant_id_fkey FOREIGN KEY (participant_id) REFERENCES public.participants(id);


--
-- Name: participants participants_merged_into_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.participants
    ADD CONSTRAINT participants_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES public.participants(id);


--
-- Name: pledges pledges_beneficiary_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_beneficiary_id_fkey FOREIGN KEY (beneficiary_id) REFERENCES public.participants(id);


--
-- Name: pledges pledges_meeting_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES public.meetings(id);


--
-- Name: pledges pledges_parent_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.pledges(id);


--
-- Name: pledges pledges_participant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_participant_id_fkey FOREIGN KEY (participant_id) REFERENCES public.participants(id);


--
-- Name: pledges pledges_restates_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pledges
    ADD CONSTRAINT pledges_restates_id_fkey FOREIGN KEY (restates_id) REFERENCES public.pledges(id);


--
-- PostgreSQL database dump complete
--


